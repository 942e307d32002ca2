import type { LineExplanation } from '#contract/resources/log-source.ts';
import { printable } from '#lib/printable.ts';
import type { Output } from './output.ts';
import { timeText } from './times.ts';

type Expression = LineExplanation['properties'][number]['expressions'][number];

const LONGEST = 300;

/** For people: how a line was read, step by step, and what came of it. */
export function explanationLines(
  raw: string,
  { types, events, properties, result }: LineExplanation,
  output: Output,
): readonly string[] {
  return [
    printable(raw, LONGEST),
    ...types.flatMap(({ type, taken, tests }) => [
      `  ${taken ? output.good('takes it') : output.bad('not its ')}  ${type}`,
      ...tests.map(({ test, holds }) => `    ${mark(holds, output)} ${printable(test, LONGEST)}`),
    ]),
    ...(types.some(({ taken }) => taken) ? [] : ['  no type takes it']),
    ...events.map(
      ({ event, misfit }) =>
        `  event ${event}: ${misfit === null ? output.good('fits') : printable(misfit, LONGEST)}`,
    ),
    ...properties.flatMap(({ property, expressions }) => [
      `  ${property}`,
      ...expressions.map((one) => `    ${expressionLine(one, output)}`),
    ]),
    ...result.flatMap((event) => [
      `  becomes ${event.type} (${event.code}) at ${timeText(event.time)}`,
      ...Object.entries(event)
        .filter(([name]) => !HIDDEN.has(name))
        .map(([name, value]) => `    ${name.padEnd(9)} ${printable(textOf(value), LONGEST)}`),
    ]),
  ];
}

/** Told in the line above, or not the line's to say. */
const HIDDEN: ReadonlySet<string> = new Set(['id', 'time', 'seen', 'type', 'code', 'raw']);

function expressionLine({ expression, result, value, found, reason }: Expression, output: Output): string {
  const name = printable(expression, LONGEST);
  if (result === 'hit') return `${output.good('hit ')} ${name}: ${printable(textOf(value), LONGEST)}`;
  if (result === 'unused') return `  -  ${name}: ${reason}`;
  const seen = result === 'refused' ? ` (found ${printable(textOf(found), LONGEST)})` : '';
  return `${output.bad('miss')} ${name}: ${reason}${seen}`;
}

function mark(holds: boolean, output: Output): string {
  return holds ? output.good('yes') : output.bad('no ');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
