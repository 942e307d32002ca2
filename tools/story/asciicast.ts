/** What a terminal was sent, and when: asciicast version 2 (docs.asciinema.org/manual/asciicast/v2). */
export interface Cast {
  readonly columns: number;
  readonly rows: number;
  readonly title: string;
  /** Seconds since the start, and the text. */
  readonly output: readonly (readonly [seconds: number, text: string])[];
}

export function formatCast({ columns, rows, title, output }: Cast): string {
  const header = { version: 2, width: columns, height: rows, title, env: { TERM: 'xterm-256color' } };
  const events = output.map(([seconds, text]) => JSON.stringify([Number(seconds.toFixed(3)), 'o', text]));
  return `${[JSON.stringify(header), ...events].join('\n')}\n`;
}
