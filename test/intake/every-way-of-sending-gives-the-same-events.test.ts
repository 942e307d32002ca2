import { expect, test } from 'vitest';
import type { EventRecord } from '#contract/event.ts';
import { createNormaliser } from '#domain/normalise/normaliser.ts';
import { newId } from '#lib/ids.ts';
import { SHIPPED } from '../normalise/shipped-types.ts';
import { AUDIT_RECORDS, auditLine, LANGUAGES, VERSIONS } from '../testbed/jumpserver/audit-records.ts';
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

/** What is the same however and whenever the line came, by the record's id. */
function lasting({ id: _id, seen: _seen, raw: _raw, data, ...event }: EventRecord): unknown {
  const { intake: _intake, ...rest } = data;
  return { ...event, data: rest };
}

async function sent(send: Send, lines: readonly string[]): Promise<readonly EventRecord[]> {
  const normalise = createNormaliser({ types: () => SHIPPED, newId });
  await using bed = await startBed({ intake: { normalise } });
  await send(bed, lines);
  await bed.messages(lines.length);
  return bed.published;
}

test.each(Object.entries(WAYS))('%s: six categories, three versions, two languages', async (_name, send) => {
  const idOf = (index: number): string => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
  const byRecord = (events: readonly EventRecord[]): readonly unknown[] =>
    events
      .toSorted((one, other) => String(one.data['recordId']).localeCompare(String(other.data['recordId'])))
      .map((event) => lasting(event));
  let first: readonly unknown[] | undefined;
  for (const version of VERSIONS)
    for (const language of LANGUAGES) {
      const lines = AUDIT_RECORDS.map(([category, record], index) =>
        auditLine(category, { ...record(version, language), id: idOf(index) }),
      );
      const events = await sent(send, lines);
      expect(events.map(({ raw }) => raw).toSorted()).toEqual(lines.toSorted());
      expect(events.map(({ type }) => type).toSorted()).toEqual(
        AUDIT_RECORDS.map(([, , { type }]) => type).toSorted(),
      );
      const told = byRecord(events);
      first ??= told;
      expect(told, `version ${version}, ${language}`).toEqual(first);
    }
  const expected = AUDIT_RECORDS.map(([, , fields]) => fields);
  expect(first).toMatchObject(expected);
});
