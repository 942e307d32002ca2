import { expect, test } from 'vitest';
import type { EventRecord } from '#contract/event.ts';
import { createNormaliser } from '#domain/normalise/normaliser.ts';
import { newId } from '#lib/ids.ts';
import { SHIPPED } from '../normalise/shipped-types.ts';
import {
  AUDIT_RECORDS,
  auditLine,
  LANGUAGES,
  VERSIONS,
  type Language,
  type Version,
} from '../testbed/jumpserver/audit-records.ts';
import { connectTo, sendDatagrams, startBed, type IntakeBed } from './intake-bed.ts';

type Send = (bed: IntakeBed, lines: readonly string[]) => Promise<void>;

const overTcp =
  (end: string): Send =>
  async (bed, lines) => {
    const socket = await connectTo(bed.port('tcp'));
    socket.end(lines.map((line) => line + end).join(''));
  };

/** As JumpServer sends, and as it arrives when a syslog daemon has passed it on. */
const WAYS: Readonly<Record<string, Send>> = {
  'UDP with NUL': (bed, lines) =>
    sendDatagrams(
      bed.port('udp'),
      lines.map((line) => `${line}\0`),
    ),
  'TCP with NUL': overTcp('\0'),
  'TCP with LF': overTcp('\n'),
};

/** What is the same however and whenever the line came. */
function lasting({ id: _id, seen: _seen, raw: _raw, data, ...event }: EventRecord): unknown {
  const { intake: _intake, ...rest } = data;
  return { ...event, data: rest };
}

/** The events of the lines, in the order of their records' ids: datagrams overtake each other. */
async function received(send: Send, lines: readonly string[]): Promise<readonly EventRecord[]> {
  const normalise = createNormaliser({ types: () => SHIPPED, newId });
  await using bed = await startBed({ intake: { normalise } });
  await send(bed, lines);
  await bed.messages(lines.length);
  const idOf = ({ data }: EventRecord): string => JSON.stringify(data['recordId']);
  return bed.published.toSorted((one, other) => (idOf(one) < idOf(other) ? -1 : 1));
}

/** One line of each record, with ids in their order. */
function linesOf(version: Version, language: Language): readonly string[] {
  return AUDIT_RECORDS.map(([category, record], index) => {
    const id = `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
    return auditLine(category, { ...record(version, language), id });
  });
}

test('six categories of three versions in two languages are the same events, whichever way they come', async () => {
  let first: readonly unknown[] | undefined;
  for (const version of VERSIONS)
    for (const language of LANGUAGES)
      for (const [way, send] of Object.entries(WAYS)) {
        const lines = linesOf(version, language);
        const events = await received(send, lines);
        expect(events.map(({ raw }) => raw)).toEqual(lines);
        first ??= events.map((event) => lasting(event));
        expect(
          events.map((event) => lasting(event)),
          `version ${version}, ${language}, ${way}`,
        ).toEqual(first);
      }
  expect(first).toMatchObject(AUDIT_RECORDS.map(([, , fields]) => fields));
});
