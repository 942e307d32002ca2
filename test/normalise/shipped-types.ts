import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EventRecord } from '#contract/event.ts';
import { buildLogSourceTypes } from '#domain/normalise/log-source-types.ts';
import type { LineOrigin } from '#domain/normalise/line-origin.ts';
import { createNormaliser } from '#domain/normalise/normaliser.ts';
import { writtenLine } from '#domain/syslog/written-line.ts';

const folder = join(import.meta.dirname, '..', '..', 'content', 'log-sources');

export const SHIPPED = buildLogSourceTypes(
  readdirSync(folder).map((name) => ({ path: name, text: readFileSync(join(folder, name), 'utf8') })),
);

export const RECEIVED_AT_MS = Date.UTC(2024, 9, 1, 9);

/** As a listener would say it of a source that nobody confirmed. */
export function originOf(source: string): LineOrigin {
  return { source, realm: source, intake: { confirmed: false, transport: 'udp' } };
}

/** Reads lines with the shipped types, with a memory that begins empty. */
export function createReader(source: string): (line: string) => readonly EventRecord[] {
  let next = 0;
  const normalise = createNormaliser({ types: () => SHIPPED, newId: () => `id-${next++}` });
  return (line) => normalise(writtenLine(line, RECEIVED_AT_MS), originOf(source));
}
