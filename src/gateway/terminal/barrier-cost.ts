/** How often a sequence may ask for something to be done; what asks for more is not carried out. */
export const MAX_REPEATS = 1_000;
/** Final bytes of what is done as often as the first parameter says. */
export const REPEATED = 'bILMSTZ';

/** Final bytes after which a sequence is worth reading. */
const MAY_COST = new Uint8Array(256);
for (const final of 'JLMSTIZbhlc8}~') MAY_COST[final.charCodeAt(0)] = 1;
// oxlint-disable-next-line no-control-regex -- escape sequences are what is looked for
const SEQUENCE = /^\u001B(?:\[\??([0-9;]*)([ -/]*)|#)?([@-~8])$/;
// oxlint-disable-next-line no-control-regex -- escape sequences are what is looked for
const MARK = /^\u001B\](?:133|633);/;
const SWITCHES_SCREENS = /\b(?:10)?4[79]\b/;

/**
 * What it costs the emulator to carry out a barrier, in bytes of plain text that cost the same: a few bytes can
 * redraw a screen of half a million cells. Measured: 50 ns a byte, 6 ns a cell, for lines 20 ns a cell. Undefined
 * when it is not carried out.
 */
export function barrierCost(barrier: string, columns: number, rows: number): number | undefined {
  const match = SEQUENCE.exec(barrier);
  if (match === null) return MARK.test(barrier) ? columns / 2 : 0;
  const [, parameters, , final = ''] = match;
  if (parameters === undefined)
    return final === 'c' || barrier === '\u001B#8' ? wholeScreen(columns, rows) : 0;
  const first = Number.parseInt(parameters, 10);
  const times = first > 0 ? first : 1;
  if (REPEATED.includes(final) && times > MAX_REPEATS) return undefined;
  if ('IZb'.includes(final)) return times;
  if ('LMST'.includes(final)) return (Math.min(times, rows) * (columns + rows)) / 4;
  if ('hl'.includes(final) && !SWITCHES_SCREENS.test(parameters)) return 0;
  return 'hlJ}~'.includes(final) ? wholeScreen(columns, rows) : 0;
}

function wholeScreen(columns: number, rows: number): number {
  return (columns * rows) / 8;
}

/** Whether the barrier with that last byte can cost anything worth counting. */
export function mayCost(final: number): boolean {
  return MAY_COST[final] === 1;
}
