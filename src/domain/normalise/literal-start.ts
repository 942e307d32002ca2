/**
 * The text with which every match of a regular expression begins when it is tied to the beginning (`^`); empty when
 * there is none or it is not sure. Only for skipping work: never decides a match.
 */
export function literalStart(pattern: string): string {
  if (!pattern.startsWith('^') || pattern.includes('|')) return '';
  const [, run = ''] = /^\^([A-Za-z0-9 _:;,<>=@#%&"'/-]*)/.exec(pattern) ?? [];
  // What may be missing or come again is no fixed text.
  return /^[?*{+]/.test(pattern.slice(run.length + 1)) ? run.slice(0, -1) : run;
}
