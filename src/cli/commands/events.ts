import { EVENT_CATALOGUE, isEventType } from '#contract/event-catalogue.ts';
import type { EventView } from '#contract/resources/event-view.ts';
import { SESSION_ROUTES } from '#contract/routes/session-routes.ts';
import { defineCommand } from '../command.ts';
import type { Column } from '../output/table.ts';
import { readPast, timeText } from '../output/times.ts';

const columns: readonly Column<EventView>[] = [
  { title: 'TIME', cell: (one) => timeText(one.time) },
  { title: 'TYPE', cell: (one) => one.type },
  { title: 'USER', cell: (one) => one.user },
  { title: 'FROM', cell: (one) => one.address },
  { title: 'TARGET', cell: targetOf },
  { title: 'WHAT', cell: whatOf },
];

function targetOf(event: EventView): string | undefined {
  if (event.asset === undefined) return undefined;
  return event.account === undefined ? event.asset : `${event.account}@${event.asset}`;
}

/** The command or the words of the event itself; else what its type means. */
function whatOf(event: EventView): string {
  const said = event.command ?? event.message ?? event.raw;
  if (said !== undefined) return said;
  return isEventType(event.type) ? EVENT_CATALOGUE[event.type].summary : '';
}

const eventSearch = defineCommand({
  name: 'event search',
  summary: 'Search everything that happened, newest first.',
  args: { text: { count: 'maybe', description: 'Words that occur anywhere in the event.' } },
  options: {
    user: { kind: 'text', value: 'NAME', description: 'The person concerned.' },
    type: { kind: 'text', value: 'TYPE', description: 'Event type, or a prefix such as command.*' },
    since: { kind: 'text', value: 'TIME', description: 'e.g. 15m, 24h, 2026-11-22.' },
    until: { kind: 'text', value: 'TIME', description: 'Before this.' },
    session: { kind: 'text', value: 'ID', description: 'Within this session.' },
    asset: { kind: 'text', value: 'NAME', description: 'On this asset.' },
    address: { kind: 'text', value: 'IP', description: 'From this address.' },
    limit: { kind: 'text', value: 'N', default: '100', description: 'At most so many, up to 1000.' },
  },
  async run({ api, args, options, output }) {
    const { since, until, ...rest } = options;
    const { items } = await api.call(SESSION_ROUTES.searchEvents, {
      query: {
        ...rest,
        text: args.text,
        ...(since === undefined ? {} : { since: String(readPast(since, '--since', Date.now())) }),
        ...(until === undefined ? {} : { until: String(readPast(until, '--until', Date.now())) }),
      },
    });
    output.list(items, columns, 'Nothing was found.');
  },
});

export const eventCommands = [eventSearch];
