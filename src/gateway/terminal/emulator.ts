import headless from '@xterm/headless';
import { MAX_REPEATS, REPEATED } from './barrier-cost.ts';

export type Emulator = InstanceType<typeof headless.Terminal>;

/** A terminal without scrollback, for output that nobody trusts. */
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
  return emulator;
}
