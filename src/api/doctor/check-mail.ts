import type { DoctorCheck } from '#contract/resources/doctor-report.ts';
import type { MailReport } from '#responder/mail/mail-report.ts';
import { retryAt } from '#responder/recovery/mail-link.ts';
import { readSteps } from '#responder/recovery/recovery-steps.ts';
import type { StateReader } from '#state/state.ts';
import { failure, good, warning } from './finding.ts';

/** Time enough to have a certificate renewed. */
const EXPIRY_NOTICE_MS = 14 * 86_400_000;
/** Older mails that could not be sent are history; the offense keeps them. */
const RECENT_MS = 7 * 86_400_000;
const SHOWN = 3;
const MAILS_READ = 1_000;

/**
 * Goes up to the mail server as a mail would: encrypts, logs in, leaves. Null when none is configured. Whether it
 * takes our mails is what `portcullis mail test` finds out.
 */
export function checkMailServer(report: MailReport | null, nowMs: number): DoctorCheck {
  const name = 'mail';
  if (report === null)
    return warning(
      name,
      'no mail server is configured',
      'Set mail.host and mail.from: recovery links and reports are mailed.',
    );
  const broken = report.steps.find(({ isOk }) => !isOk);
  if (broken !== undefined)
    return failure(
      name,
      `${broken.name}: ${broken.detail}`,
      'Mails that cannot be sent wait and are tried again. portcullis mail test shows each step.',
    );
  const detail = report.steps.map((step) => `${step.name}: ${step.detail}`).join('; ');
  const expiresAt = report.certificateExpiresAt;
  return expiresAt !== null && expiresAt - nowMs < EXPIRY_NOTICE_MS
    ? warning(
        name,
        detail,
        `The certificate of the mail server expires on ${new Date(expiresAt).toISOString().slice(0, 10)}; from then on no mail is sent. Have it renewed.`,
      )
    : good(name, detail);
}

/** Mails that were not taken: given up, tried again, or lost from sight. */
export async function checkMailQueue(db: StateReader, nowMs: number): Promise<DoctorCheck> {
  const name = 'mails';
  const rows = await db
    .selectFrom('actions')
    .leftJoin('offenses', 'offenses.id', 'actions.offenseId')
    .select(['actions.state', 'actions.result', 'offenses.number'])
    .where('actions.action', '=', 'mail')
    .where('actions.state', 'in', ['failed', 'unknown', 'retrying'])
    .where('actions.updatedAt', '>', nowMs - RECENT_MS)
    .orderBy('actions.updatedAt', 'desc')
    .limit(MAILS_READ)
    .execute();
  const links = await unsentLinks(db);
  const count = (state: string): number => rows.filter((row) => row.state === state).length;
  const linksLost = links.filter(({ isGivenUp }) => isGivenUp).length;
  const waiting = count('retrying') + links.length - linksLost;
  const givenUp = count('failed') + linksLost;
  const lost = givenUp + count('unknown');
  if (lost + waiting === 0) return good(name, 'none of the last seven days is unsent');
  const counts = [
    [givenUp, 'given up'],
    [count('unknown'), 'perhaps delivered'],
    [waiting, 'tried again later'],
  ] as const;
  const told = counts.flatMap(([number, words]) => (number === 0 ? [] : `${number} ${words}`));
  const examples = [
    ...links.map(({ text }) => text),
    ...rows.map((row) => `offense ${row.number ?? 'none'}: ${summaryOf(row.result)}`),
  ].slice(0, SHOWN);
  return (lost > 0 ? failure : warning)(
    name,
    `${told.join(', ')}. ${examples.join(' | ')}`,
    'portcullis offense show NUMBER tells the same and more. What was given up or perhaps delivered is not sent again by itself; portcullis action approve ID sends it, and portcullis recover NAME --resume a link.',
  );
}

interface UnsentLink {
  readonly text: string;
  /** Only a person can have it tried again. */
  readonly isGivenUp: boolean;
}

async function unsentLinks(db: StateReader): Promise<readonly UnsentLink[]> {
  const rows = await db
    .selectFrom('recoveries')
    .innerJoin('users', 'users.id', 'recoveries.userId')
    .selectAll('recoveries')
    .select('users.username')
    .where('recoveries.state', '=', 'started')
    .limit(MAILS_READ)
    .execute();
  return rows.flatMap((row) => {
    const step = readSteps(row).find(({ name }) => name === 'mail-link');
    return step?.state === 'failed'
      ? [
          {
            text: `recovery of ${row.username}: ${step.detail ?? 'no reason was stored'}`,
            isGivenUp: retryAt(row) === null,
          },
        ]
      : [];
  });
}

function summaryOf(result: string | null): string {
  if (result === null) return 'no reason was stored';
  const { summary }: { readonly summary?: unknown } = JSON.parse(result);
  return typeof summary === 'string' ? summary : 'no reason was stored';
}
