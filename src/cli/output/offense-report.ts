import type { EventView } from '#contract/resources/event-view.ts';
import type { CutSession, OffenseDetail, PlannedAction } from '#contract/resources/offense.ts';
import { sessionPlace } from '#domain/access/session-place.ts';
import { printable } from '#lib/printable.ts';
import { timeText } from './times.ts';

const COMMAND_SHOWN = 200;
/** What a mail server said and what to do about it fits. */
const SUMMARY_SHOWN = 700;

/** An offense as whoever has to answer it reads it: who, what and where from, what was done, what is left to do. */
export function offenseReport(offense: OffenseDetail): readonly string[] {
  const events = offense.evidence.map((one) => one.event);
  const waiting = offense.actions.filter((one) => one.state === 'awaiting_approval');
  const unsent = offense.actions.filter(
    (one) => one.action === 'mail' && (one.state === 'failed' || one.state === 'unknown'),
  );
  return [
    `offense    ${offense.number} (${offense.id})`,
    `title      ${printable(offense.title, 200)}`,
    `about      ${printable(offense.entity, 200)}`,
    `status     ${offense.status}${offense.verdict === null ? '' : ` (${offense.verdict})`}, severity ${offense.severity}, with ${offense.assignee ?? 'nobody'}`,
    `assets     ${distinct(events.map((one) => one.asset))}`,
    `addresses  ${distinct(events.map((one) => one.address))}`,
    ...offense.episodes.map(
      (one) =>
        `episode    ${one.episode}: ${timeText(one.openedAt)} to ${timeText(one.endedAt)}${one.endReason === null ? '' : ` (${one.endReason})`}`,
    ),
    ...section(
      'What happened',
      offense.evidence.map(({ event }) => eventLine(event)),
    ),
    ...section('What was done', offense.actions.map(actionLine)),
    ...section(
      'Sessions that were cut, and what ran in them (it may still run on the asset)',
      offense.cut.map(cutLine),
    ),
    ...section('Waits for a person', waiting.map(approvalLine)),
    ...section('Mails that may not have arrived; this sends them again', unsent.map(approvalLine)),
    ...section(
      'Time line',
      offense.timeline.map((one) => `${timeText(one.time)}  ${one.actor}: ${printable(one.text, 300)}`),
    ),
  ];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}

function distinct(values: readonly (string | undefined)[]): string {
  const found = new Set(values.flatMap((one) => one ?? []));
  return [...found].map((one) => printable(one, 100)).join(', ') || '-';
}

function eventLine(event: EventView): string {
  const where = event.asset === undefined ? '' : `on ${event.account ?? '?'}@${event.asset}`;
  const from = event.address === undefined ? '' : `from ${event.address}`;
  const what = printable(event.command ?? event.message ?? event.raw ?? '', COMMAND_SHOWN);
  return [timeText(event.time), event.type, where, from, what].filter((part) => part !== '').join('  ');
}

function actionLine(one: PlannedAction): string {
  const summary = one.summary === null ? '' : `: ${printable(one.summary, SUMMARY_SHOWN)}`;
  return `${one.action} ${printable(one.target, 80)} (${one.mode}) ${one.state}${summary}`;
}

function approvalLine(one: PlannedAction): string {
  return `${one.action} ${printable(one.target, 80)}: portcullis action approve ${one.id}`;
}

function cutLine(one: CutSession): string {
  const running = one.channels.map((channel) => printable(channel, COMMAND_SHOWN)).join('; ');
  return printable(`${sessionPlace(one)} from ${one.address}`, 200) + `, running: ${running || 'nothing'}`;
}
