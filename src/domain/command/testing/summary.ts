import { NO_DEFINITIONS, type Definitions } from '../definitions.ts';
import { readCommand } from '../reading/read-line.ts';

/** What a line runs, one text each: the name and the arguments. */
export function runs(line: string, definitions: Definitions = NO_DEFINITIONS): readonly string[] {
  return readCommand(line, definitions).programs.map(({ name, args }) => [name, ...args].join(' '));
}

/** What is said about a line: d(ynamic), u(nparsable), i(ncomplete), (unread) x, c(ommands from input). */
export function flags(line: string, definitions: Definitions = NO_DEFINITIONS): string {
  const reading = readCommand(line, definitions);
  const said = {
    d: reading.dynamic,
    u: reading.unparsable,
    i: reading.incomplete,
    x: reading.unread,
    c: reading.commandsFromInput,
  };
  return Object.entries(said)
    .map(([letter, isSo]) => (isSo ? letter : ''))
    .join('');
}
