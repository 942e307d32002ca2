import type { EventRecord } from '#contract/event.ts';
import { Name } from '#contract/names.ts';
import type { Language } from '#contract/resources/user.ts';
import { sessionPlace } from '#domain/access/session-place.ts';
import { parseEntity } from '#domain/detection/entity.ts';
import type { EpisodeRow, OffenseRow } from '#state/schema.ts';
import type { CutSession } from '../actions/action-states.ts';
import { printable, writeMail, type MailBlock } from './mail-text.ts';
import { fill, OFFENSE_WORDS, type OffenseWords } from './offense-words.ts';
import type { OutgoingMail } from './outgoing-mail.ts';

/** What a mail about an offense is made of. */
export interface OffenseReport {
  readonly offense: OffenseRow;
  readonly episode: EpisodeRow;
  readonly evidence: readonly EventRecord[];
  /** One line for each action that was taken before this mail. */
  readonly actions: readonly string[];
  readonly cut: readonly CutSession[];
  /** What is done only if a person approves it. */
  readonly waiting: readonly WaitingAction[];
  /** Whether the person is locked out now. */
  readonly isLocked: boolean;
  /** Made up, to see what the mail looks like; the mail says so first. */
  readonly isTest?: true;
}

export interface WaitingAction {
  readonly id: string;
  /** The action and on whom. */
  readonly text: string;
  /** Without an answer until then it is not done. Epoch milliseconds. */
  readonly untilMs: number;
}

const EVENTS_SHOWN = 30;
const TEXT_SHOWN = 300;
/** Subjects are one line; what is longer is in the mail. */
const SUBJECT_SHOWN = 250;

/** For the people who answer offenses: who, what, where from, what was done, what to do next. */
export function offenseMail(
  report: OffenseReport,
  to: readonly string[],
  language: Language,
  id: string,
): OutgoingMail {
  const { offense, episode, evidence } = report;
  const words = OFFENSE_WORDS[language];
  const addresses = new Set(evidence.flatMap((event) => event.address ?? []));
  const assets = new Set(evidence.flatMap((event) => event.asset ?? []));
  const values = {
    offense: offense.number,
    episode: episode.episode,
    title: offense.title,
    entity: offense.entity,
  };
  const blocks: MailBlock[] = [
    ...testNotice(report),
    { kind: 'text', text: `${offense.title}: ${offense.entity}` },
    {
      kind: 'facts',
      facts: [
        [words.offense, fill(words.number, values)],
        [words.about, offense.entity],
        [words.severity, words.severities[offense.severity] ?? offense.severity],
        [words.opened, time(episode.openedAt)],
        [words.assets, [...assets].join(', ') || words.none],
        [words.from, [...addresses].join(', ') || words.unknown],
      ],
    },
    ...questions(report, words),
    {
      kind: 'lines',
      title: words.happened,
      lines: evidence.slice(-EVENTS_SHOWN).map(eventLine),
    },
    {
      kind: 'lines',
      title: words.done,
      lines: report.actions.length === 0 ? [words.nothingYet] : report.actions,
    },
  ];
  if (report.cut.length > 0)
    blocks.push({ kind: 'lines', title: words.cut, lines: report.cut.map((one) => cutLine(one, words)) });
  blocks.push({ kind: 'lines', title: words.next, lines: nextLines(offense, words) });
  const subject = `${report.isTest === true ? 'TEST: ' : ''}${fill(report.waiting.length === 0 ? words.subject : words.subjectWaiting, values)}`;
  return {
    to,
    id,
    language,
    subject: printable(subject).slice(0, SUBJECT_SHOWN),
    ...writeMail(language, blocks),
  };
}

function nextLines({ number, entity: text }: OffenseRow, words: OffenseWords): readonly string[] {
  const entity = parseEntity(text);
  // The line is to be copied into a shell, so only a name that is a name goes into it.
  const isOurs =
    entity?.kind === 'user' && entity.realm === 'gateway' && Name.safeParse(entity.username).success;
  return [
    `portcullis offense show ${number}`,
    ...(isOurs
      ? [`portcullis recover ${entity.username}    (${words.recovers})`, 'portcullis lock list']
      : []),
    ...(entity?.kind === 'address' ? ['portcullis lock list'] : []),
    `portcullis offense close ${number}`,
  ];
}

/** For the person who was cut off: what happened, and whom to ask. Nothing an attacker could use. */
export function containedMail(
  report: OffenseReport,
  to: string,
  language: Language,
  id: string,
): OutgoingMail {
  const words = CONTAINED[language];
  const values = { time: time(report.episode.openedAt), number: report.offense.number };
  const body = writeMail(language, [
    ...testNotice(report),
    { kind: 'text', text: fill(report.isLocked ? words.locked : words.cut, values) },
    { kind: 'text', text: fill(words.number, values) },
    { kind: 'text', text: words.next },
  ]);
  const subject = `${report.isTest === true ? 'TEST: ' : ''}${words.subject}`;
  return { to: [to], id, language, subject, ...body };
}

/** What waits for a person, with the words that answer it. */
function questions({ waiting }: OffenseReport, words: OffenseWords): readonly MailBlock[] {
  if (waiting.length === 0) return [];
  return [
    {
      kind: 'lines',
      title: words.waits,
      lines: waiting.flatMap(({ id, text, untilMs }) => [
        fill(words.question, { action: text, time: time(untilMs) }),
        `  portcullis action approve ${id}`,
        `  portcullis action reject ${id}`,
      ]),
    },
  ];
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

function cutLine(session: CutSession, words: OffenseWords): string {
  const running = session.channels.length === 0 ? '' : `, ${words.running}: ${session.channels.join('; ')}`;
  const place = fill(words.cutSession, { place: sessionPlace(session), address: session.address });
  return `${place}${running}`.slice(0, TEXT_SHOWN);
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
