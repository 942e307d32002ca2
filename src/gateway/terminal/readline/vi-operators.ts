import { isBlank } from './characters.ts';

export type Operator = 'd' | 'c' | 'y';

/** Motions that do not take the character they end on with them. */
const EXCLUSIVE: Readonly<Record<Operator, string>> = {
  d: ' l|h^0bBFT`',
  c: ' l|hwW^0bBFT`',
  y: ' l|h^0%bBFT`',
};

export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * What an operator works on. `moved`: where the motion went on the line with a blank at its end. Undefined: the
 * motion failed, and with it the operator.
 */
export function spanOf(
  operator: Operator,
  motion: string,
  line: readonly string[],
  start: number,
  moved: number,
): Span | undefined {
  const end = Math.min(moved, line.length);
  if (end === start && operator !== 'c') return undefined;
  const reached = end === start || !/[wW]/.test(motion) ? end : endOfWords(operator, line, start, end);
  let [from, to] = reached < start ? [reached, start] : [start, reached];
  if (!EXCLUSIVE[operator].includes(motion) && from >= start && to < line.length) to += 1;
  return { from, to };
}

/** `w` goes to the beginning of the next word: the blanks belong to `d` and `y`, not to `c`. */
function endOfWords(operator: Operator, line: readonly string[], start: number, end: number): number {
  let at = end;
  if (at < line.length && at > start && !isBlank(line[at])) at -= 1;
  if (operator !== 'c' || at < start) return at;
  while (at > start && (line[at] === undefined ? false : isBlank(line[at]))) at -= 1;
  if (at === start) return Math.min(at + 1, line.length);
  return at < line.length - 1 && !isBlank(line[at]) ? at + 1 : at;
}
