import { mailLink, retryAt } from './mail-link.ts';
import type { GoOnOptions } from './recovery-options.ts';
import { readSteps, withStep } from './recovery-steps.ts';

/** A recovery as far as the steps that need no person are concerned. */
interface Unfinished {
  readonly id: string;
  readonly username: string;
  readonly requestedBy: string;
}

/** Cuts the sessions, and mails the link unless a second person must agree first. */
export async function goOn(recovery: Unfinished, options: GoOnOptions): Promise<void> {
  await cutSessions(recovery, options);
  const { mailer } = options;
  if (mailer !== null) await mailLink(recovery.id, { ...options, mailer });
}

/** Goes on with recoveries that a crash or a mail server interrupted, when their pause is over. */
export async function resumeRecoveries(options: GoOnOptions): Promise<void> {
  const { state, mailer, clock } = options;
  if (mailer === null) return;
  const rows = await state.reader
    .selectFrom('recoveries')
    .innerJoin('users', 'users.id', 'recoveries.userId')
    .selectAll('recoveries')
    .select('users.username')
    .where('recoveries.state', '=', 'started')
    .execute();
  for (const row of rows) {
    const dueAt = retryAt(row);
    if (dueAt === null || dueAt > clock()) continue;
    const cut = readSteps(row).find((step) => step.name === 'cut-sessions');
    if (cut?.state !== 'done') await cutSessions(row, options);
    await mailLink(row.id, { ...options, mailer });
  }
}

async function cutSessions(
  { id, username, requestedBy }: Unfinished,
  { state, control, clock }: GoOnOptions,
): Promise<void> {
  const { cut } = await control.terminate({ username, by: requestedBy, reason: 'recovery' });
  const nowMs = clock();
  await state.transact(async (tx) => {
    const row = await tx.selectFrom('recoveries').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    const detail = `${cut.length} sessions were cut`;
    const steps = withStep(readSteps(row), 'cut-sessions', 'done', nowMs, detail);
    await tx
      .updateTable('recoveries')
      .set({ steps: JSON.stringify(steps), updatedAt: nowMs })
      .where('id', '=', id)
      .execute();
  });
}
