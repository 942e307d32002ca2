import type { CommandJudgement } from '#domain/command/verdict.ts';
import { printable } from '#lib/printable.ts';

/** What the person reads when a line was stopped, in the words that users of bastions know. */
export function denialText({ matched, message }: CommandJudgement): string {
  if (matched === null) return printable(message ?? 'This line is forbidden', 500);
  const first = `Command \`${printable(matched, 200)}\` is forbidden`;
  return message === null ? first : `${first}\r\n${printable(message, 500)}`;
}

/** In red, on lines of its own. */
export function denialBytes(text: string): Buffer {
  return Buffer.from(`\r\n\u001B[31m${text}\r\n\u001B[0m`);
}

/**
 * In red on the last row, leaving the cursor where it was: what draws the second screen (tmux) places everything
 * by position and would not know of lines that others put there.
 */
export function denialOnLastRow(text: string, columns: number, rows: number): Buffer {
  const oneLine = text.replaceAll(/\s+/g, ' ').slice(0, Math.max(1, columns - 1));
  return Buffer.from(`\u001B7\u001B[${rows};1H\u001B[31m${oneLine}\u001B[0m\u001B[K\u001B8`);
}
