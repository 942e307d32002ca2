import headless from '@xterm/headless';
import { MAX_REPEATS, REPEATED } from './barrier-cost.ts';

export type Emulator = InstanceType<typeof headless.Terminal>;

/** Sequences that choose a character set (ISO 2022: intermediates of 94 and 96 character sets). */
const CHARACTER_SETS = ['(', ')', '*', '+', '-', '.', '/'];
/** Those the emulator has. Every further one would cost each session; a test tries them all. */
const FINALS = Array.from('04567=ABCEHKQRYZ');

/**
 * A terminal without scrollback, for output that nobody trusts. It has one character set: in that of line drawing
 * a shell's `su` would be read as `⎽┤`.
 */
export function createEmulator(columns: number, rows: number): Emulator {
  const emulator = new headless.Terminal({
    cols: columns,
    rows,
    scrollback: 0,
    logLevel: 'off',
    allowProposedApi: true,
  });
  // Ten bytes could keep the process busy for minutes.
  for (const final of REPEATED) {
    emulator.parser.registerCsiHandler(
      { final },
      ([first]) => typeof first === 'number' && first > MAX_REPEATS,
    );
  }
  for (const intermediates of CHARACTER_SETS)
    for (const final of FINALS) emulator.parser.registerEscHandler({ intermediates, final }, () => true);
  return emulator;
}
