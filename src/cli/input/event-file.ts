import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { EVENT_CATALOGUE, isEventType } from '#contract/event-catalogue.ts';
import { makeEvent, type EventFields, type EventRecord } from '#contract/event.ts';
import { PortcullisError } from '#contract/errors.ts';
import { closestWord, problemsOf } from '#contract/problems.ts';
import { EventView } from '#contract/resources/event-view.ts';
import type { CliIo } from '../io.ts';

const Moment = z.union([
  z.number().int(),
  z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
]);

/** An event as `event search --json` prints it, or as little of it as a person cares to write. */
const WrittenEvent = EventView.partial()
  .extend({ type: z.string(), time: Moment.optional(), seen: Moment.optional() })
  .strict();

/**
 * Reads events from a file or from standard input (`-`): one, a list, or one a line, as JSON or YAML. What is not
 * written is filled in; the time is then now.
 */
export async function readEvents(
  file: string,
  io: Pick<CliIo, 'cwd' | 'readInput'>,
  nowMs: number,
): Promise<readonly EventRecord[]> {
  const path = file === '-' ? 'standard input' : resolve(io.cwd, file);
  const text = file === '-' ? await io.readInput() : readText(path);
  return valuesIn(text, path).map((value, index) => toEvent(value, `${path}, event ${index + 1}`, nowMs));
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new PortcullisError('E_INPUT', `${path} cannot be read.`, { cause: error });
  }
}

function valuesIn(text: string, path: string): readonly unknown[] {
  const whole = parse(text);
  const values: readonly unknown[] =
    whole.ok && typeof whole.value === 'object' && whole.value !== null
      ? [whole.value].flat()
      : text
          .split('\n')
          .filter((line) => line.trim() !== '')
          .map((line, index) => {
            const one = parse(line);
            if (!one.ok) throw new PortcullisError('E_INPUT', `${path}, line ${index + 1}: ${one.problem}`);
            return one.value;
          });
  if (values.length === 0) throw new PortcullisError('E_INPUT', `There is no event in ${path}.`);
  return values;
}

type Parsed =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: string };

function parse(text: string): Parsed {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) return { ok: false, problem: error.message.split('\n')[0] ?? error.code };
  return { ok: true, value: document.toJS({ maxAliasCount: 0 }) };
}

function toEvent(value: unknown, place: string, nowMs: number): EventRecord {
  const parsed = WrittenEvent.safeParse(value);
  if (!parsed.success)
    throw new PortcullisError('E_INPUT', `${place} is not an event.`, {
      problems: problemsOf(parsed.error, () => Object.keys(WrittenEvent.shape)),
    });
  const { type, code: _code, id = 'event', time = nowMs, ...fields } = parsed.data;
  if (!isEventType(type)) {
    const near = closestWord(type, Object.keys(EVENT_CATALOGUE));
    const hint = near === undefined ? '' : `; did you mean "${near}"?`;
    throw new PortcullisError('E_INPUT', `${place}: there is no event type "${type}"${hint}`);
  }
  const written = Object.entries(fields).filter(([, one]) => one !== undefined);
  return makeEvent(type, id, time, Object.fromEntries(written) as EventFields);
}
