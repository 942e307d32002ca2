import type { EventRecord } from '#contract/event.ts';
import type { Language } from '#contract/resources/user.ts';
import { sessionPlace } from '#domain/access/session-place.ts';
import { parseEntity } from '#domain/detection/entity.ts';
import type { EpisodeRow, OffenseRow } from '#state/schema.ts';
import type { CutSession } from '../actions/action-states.ts';
import type { OutgoingMail } from './mailer.ts';
import { printable, writeMail, type MailBlock } from './mail-text.ts';

/** What a mail about an offense is made of. */
export interface OffenseReport {
  readonly offense: OffenseRow;
  readonly episode: EpisodeRow;
  readonly evidence: readonly EventRecord[];
  /** One line for each action that was taken before this mail. */
  readonly actions: readonly string[];
  readonly cut: readonly CutSession[];
  /** Whether the person is locked out now. */
  readonly isLocked: boolean;
  /** Made up, to see what the mail looks like; the mail says so first. */
  readonly isTest?: true;
}

const EVENTS_SHOWN = 30;
const TEXT_SHOWN = 300;

/** For the people who answer offenses: who, what, where from, what was done, what to do next. */
export function offenseMail(report: OffenseReport, to: readonly string[], id: string): OutgoingMail {
  const { offense, episode, evidence } = report;
  const entity = parseEntity(offense.entity);
  const addresses = new Set(evidence.flatMap((event) => event.address ?? []));
  const assets = new Set(evidence.flatMap((event) => event.asset ?? []));
  const blocks: MailBlock[] = [
    ...testNotice(report),
    { kind: 'text', text: `${offense.title}: ${offense.entity}` },
    {
      kind: 'facts',
      facts: [
        ['Offense', `${offense.number}, episode ${episode.episode}`],
        ['About', offense.entity],
        ['Severity', offense.severity],
        ['Opened', time(episode.openedAt)],
        ['Assets', [...assets].join(', ') || 'none'],
        ['From', [...addresses].join(', ') || 'unknown'],
      ],
    },
    { kind: 'lines', title: 'What happened', lines: evidence.slice(-EVENTS_SHOWN).map(eventLine) },
    {
      kind: 'lines',
      title: 'What was done',
      lines: report.actions.length === 0 ? ['nothing yet'] : report.actions,
    },
  ];
  if (report.cut.length > 0)
    blocks.push({
      kind: 'lines',
      title: 'Sessions that were cut (what they had started on the asset may still run there)',
      lines: report.cut.map(cutLine),
    });
  blocks.push({
    kind: 'lines',
    title: 'What to do next',
    lines: [
      `portcullis offense show ${offense.number}`,
      ...(entity?.kind === 'user' && entity.realm === 'gateway'
        ? [
            `portcullis recover ${entity.username}    (new credentials, then access again)`,
            'portcullis lock list',
          ]
        : []),
      `portcullis offense close ${offense.number}`,
    ],
  });
  const subject = `${report.isTest === true ? 'TEST: ' : ''}[Portcullis] Offense ${offense.number}: ${offense.title} (${offense.entity}, episode ${episode.episode})`;
  return { to, id, subject: printable(subject), ...writeMail(blocks) };
}

/** For the person who was cut off: what happened, and whom to ask. Nothing an attacker could use. */
export function containedMail(
  report: OffenseReport,
  to: string,
  language: Language,
  id: string,
): OutgoingMail {
  const at = time(report.episode.openedAt);
  const words = language === 'zh' ? CONTAINED.zh : CONTAINED.en;
  const body = writeMail([
    ...testNotice(report),
    { kind: 'text', text: (report.isLocked ? words.locked : words.cut).replace('{time}', at) },
    { kind: 'text', text: words.number.replace('{number}', String(report.offense.number)) },
    { kind: 'text', text: words.next },
  ]);
  return { to: [to], id, subject: `${report.isTest === true ? 'TEST: ' : ''}${words.subject}`, ...body };
}

function testNotice(report: OffenseReport): readonly MailBlock[] {
  return report.isTest === true
    ? [
        { kind: 'text', text: 'THIS IS A TEST. Nothing happened, and nothing was done.' },
        { kind: 'text', text: '这是测试邮件，没有发生任何事件，也没有采取任何措施。' },
      ]
    : [];
}

const CONTAINED = {
  en: {
    subject: 'Your privileged sessions were ended',
    locked:
      'At {time} your privileged access was suspended and your open sessions were ended, because commands were tried under your name that are not allowed.',
    cut: 'At {time} your open privileged sessions were ended, because commands were tried under your name that are not allowed.',
    number: 'The people who look into it know it as offense {number}.',
    next: 'If this was you, ask them for your access. If it was not you, tell them now: somebody else may have your password. This mail asks you for nothing and holds no link.',
  },
  zh: {
    subject: '您的特权会话已被结束',
    locked: '{time}，您的特权访问已被暂停，打开的会话已被结束，因为有人以您的名义尝试了不允许的命令。',
    cut: '{time}，您打开的特权会话已被结束，因为有人以您的名义尝试了不允许的命令。',
    number: '处理此事的人员使用的编号是 {number}。',
    next: '如果是您本人操作，请向他们申请恢复访问。如果不是您本人，请立即告知他们：您的密码可能已被他人获知。本邮件不要求您提供任何信息，也不包含任何链接。',
  },
} as const;

function eventLine(event: EventRecord): string {
  const where = event.asset === undefined ? '' : ` on ${event.account ?? '?'}@${event.asset}`;
  const from = event.address === undefined ? '' : ` from ${event.address}`;
  const what = (event.command ?? event.message ?? '').slice(0, TEXT_SHOWN);
  return `${time(event.time)}  ${event.type}${where}${from}: ${what}`;
}

function cutLine(session: CutSession): string {
  const running = session.channels.length === 0 ? '' : `, running: ${session.channels.join('; ')}`;
  return `${sessionPlace(session)} from ${session.address}${running}`.slice(0, TEXT_SHOWN);
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
