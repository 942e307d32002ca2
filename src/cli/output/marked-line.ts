import { printable } from '#lib/printable.ts';
import { displayWidth } from './table.ts';

const LONGEST = 4_000;

/** A command as it was typed, made safe to show. Backslashes stay single: in commands they are no escapes of ours. */
export function commandText(line: string): string {
  return printable(line, LONGEST).replaceAll('\\\\', '\\');
}

/**
 * A line that somebody typed, made safe to show, and under it marks below one part of it. Without a part the
 * marks are empty.
 */
export function markedLine(
  line: string,
  part: { readonly start: number; readonly end: number } | null,
): { readonly shown: string; readonly marks: string } {
  const safe = (from: number, to?: number): string => commandText(line.slice(from, to));
  if (part === null) return { shown: safe(0), marks: '' };
  const before = safe(0, part.start);
  const marked = safe(part.start, part.end);
  return {
    shown: before + marked + safe(part.end),
    marks: ' '.repeat(displayWidth(before)) + '^'.repeat(Math.max(1, displayWidth(marked))),
  };
}
