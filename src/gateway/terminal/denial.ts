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
