import { expect, it, test } from 'vitest';
import { compileCommandRules } from '#domain/command/compile-rules.ts';
import { createShellGate, type ShellGate } from '#gateway/terminal/shell-gate.ts';
import { monotonicClock } from '#lib/time.ts';
import { forbidding } from '../testbed/command-rules.ts';
import { WatchedTerminal } from '../testbed/watched-terminal.ts';

const CTRL_C = '\u0003';
const PROMPT = 'me@asset:~# ';
/** How zsh reaches an empty row without a line feed when something stands on the present one. */
const TO_EMPTY_ROW = `\u001B[7m#\u001B[27m${' '.repeat(79)}\r \r\u001B[J`;
const RIGHT_PROMPT = '\u001B[62C09:29\u001B[67D';

interface Denied {
  readonly terminal: WatchedTerminal;
  readonly gate: ShellGate;
  /** What the asset was sent, Ctrl-C as `^C`. */
  readonly sent: string[];
}

/**
 * A person at a terminal of 80 columns, and an asset that answers each Ctrl-C with the next of these lists of output.
 */
function deniedAt(answers: readonly (readonly string[])[], prompt = PROMPT): Denied {
  const sent: string[] = [];
  const left = [...answers];
  const terminal = new WatchedTerminal(80, 24, () => '');
  const gate = createShellGate({
    judge: compileCommandRules([forbidding('no-su', 'su')], {
      username: 'alice',
      groups: [],
      roles: [],
      asset: 'asset',
      account: 'me',
    }),
    mode: 'guard',
    columns: 80,
    rows: 24,
    now: monotonicClock,
    onJudged: () => Promise.resolve(),
    mustEnd: (why) => expect.fail(why),
  })({
    toAsset: (bytes) => {
      const keys = bytes.toString();
      sent.push(keys === CTRL_C ? '^C' : keys);
      if (keys === CTRL_C) for (const piece of left.shift() ?? []) asset(piece);
      else asset(keys);
    },
    toPerson: (bytes) => terminal.write(Buffer.from(bytes)),
  });
  // As from a network: each piece in a turn of its own.
  const asset = (text: string): void => {
    setImmediate(() => gate.fromAsset(Buffer.from(text)));
  };
  asset(prompt);
  return { terminal, gate, sent };
}

it.each([
  ['a shell that begins a new line', ['^C\r\n', PROMPT]],
  ['zsh, which fills the row', [`^C${TO_EMPTY_ROW}${PROMPT}`, RIGHT_PROMPT]],
  ['a shell that only wipes its line', ['\b\b\b\b\u001B[K']],
])('%s', async (_shell, answer) => {
  const { terminal, gate } = deniedAt([answer]);
  await terminal.until('the prompt', () => terminal.lastRow === PROMPT.trimEnd());
  gate.fromPerson(Buffer.from('su -\r'));
  await terminal.until('the denial', () => terminal.screen.includes('is forbidden'));
  await terminal.until('an empty line', () => terminal.beforeCursor === PROMPT && gate.heldBytes === 0);
  await terminal.quiet(() => terminal.output);
  expect(terminal.beforeCursor).toBe(PROMPT);
  expect(terminal.screen.split(PROMPT.trimEnd())).toHaveLength(3);
  gate.close();
  terminal.dispose();
});

test('an empty line that is only an echo come late is no answer: nothing typed is lost in the Ctrl-C', async () => {
  // The line was killed and yanked back, and the asset shows both only now.
  const { terminal, gate, sent } = deniedAt([['\b\b\b\b\u001B[K', 'su -', '^C\r\n', PROMPT]]);
  await terminal.until('the prompt', () => terminal.lastRow === PROMPT.trimEnd());
  gate.fromPerson(Buffer.from('su -\r'));
  await terminal.until('the denial', () => terminal.screen.includes('is forbidden'));
  await terminal.until('an empty line', () => terminal.screen.endsWith('^C\nme@asset:~#'));
  expect(terminal.screen.split('\n').slice(-2)).toEqual(['su -^C', PROMPT.trimEnd()]);
  expect(sent.filter((keys) => keys === '^C')).toHaveLength(1);
  gate.close();
  terminal.dispose();
});

test('where a shell marks its input, a line that still stands behind the mark is not gone: it is told again', async () => {
  const prompt = '\u001B]633;A\u0007abc \u001B]633;B\u0007';
  const { terminal, gate, sent } = deniedAt([['\u001B[K'], ['^C\r\n', prompt]], prompt);
  await terminal.until('the prompt', () => terminal.lastRow === 'abc');
  gate.fromPerson(Buffer.from('su -\r'));
  await terminal.until('an empty line', () => terminal.screen.endsWith('^C\nabc'));
  expect(sent.filter((keys) => keys === '^C')).toHaveLength(2);
  gate.close();
  terminal.dispose();
});
