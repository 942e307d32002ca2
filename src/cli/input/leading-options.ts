/** Options that every command takes, and whether a value follows. */
const EVERYWHERE: ReadonlyMap<string, boolean> = new Map([
  ['--config', true],
  ['--data', true],
  ['--server', true],
  ['--token', true],
  ['--json', false],
  ['--verbose', false],
]);

/**
 * People write `portcullis --data DIR offense list` as readily as `portcullis offense list --data DIR`: what
 * every command takes may stand before it. Moves such options behind the command, before a `--`.
 */
export function moveLeadingOptions(argv: readonly string[]): readonly string[] {
  let taken = 0;
  while (taken < argv.length) {
    const word = argv[taken] ?? '';
    const takesValue = EVERYWHERE.get(word.split('=', 1)[0] ?? '');
    if (takesValue === undefined) break;
    taken += takesValue && !word.includes('=') ? 2 : 1;
  }
  // Without a command behind them they are left where they are: the parser says what is missing.
  if (taken === 0 || taken >= argv.length) return argv;
  const rest = argv.slice(taken);
  const end = rest.indexOf('--');
  return end < 0
    ? [...rest, ...argv.slice(0, taken)]
    : [...rest.slice(0, end), ...argv.slice(0, taken), ...rest.slice(end)];
}
