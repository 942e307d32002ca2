import { EVENT_CATALOGUE } from '#contract/event-catalogue.ts';
import { EventView } from '#contract/resources/event-view.ts';
import { code, markdownPage, markdownTable } from './markdown.ts';

const FAMILIES: Readonly<Record<string, string>> = {
  '1': 'Logging in',
  '2': 'Sessions and channels',
  '3': 'Commands',
  '4': 'Recordings and the audit trail',
  '5': 'Detection and offenses',
  '6': 'Response',
  '7': 'Administration',
  '8': 'The system itself',
  '9': 'Foreign events',
};

export function eventsPage(): string {
  const families = Map.groupBy(Object.entries(EVENT_CATALOGUE), ([, { code: number }]) => number.charAt(2));
  return markdownPage('Events', [
    'Everything that happens is one event of one of these types. Types and codes are permanent; a code is never used for something else. Events that open access are on disk before access opens.',
    `Every event has the fields ${Object.keys(EventView.shape)
      .map(code)
      .join(
        ', ',
      )}; those that do not apply are left out, and what only one type knows is under \`data\`. \`user\` is always an authenticated identity, never a name that was only typed.`,
    ...[...families].flatMap(([digit, entries]) => [
      `## ${FAMILIES[digit] ?? digit}`,
      markdownTable(
        ['Type', 'Code', 'Severity', 'Outcome', 'What happened'],
        entries.map(([type, entry]) => [
          code(type),
          entry.code,
          entry.severity,
          entry.outcome,
          'opensAccess' in entry ? `${entry.summary} Opens access.` : entry.summary,
        ]),
      ),
    ]),
  ]);
}
