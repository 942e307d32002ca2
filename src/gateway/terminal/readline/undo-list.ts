import type { LineBuffer } from './line-buffer.ts';

type Entry =
  | { readonly kind: 'cut'; readonly at: number; readonly text: readonly string[] }
  | { kind: 'insert'; readonly from: number; to: number }
  | { readonly kind: 'group-begins' | 'group-ends' | 'unknown' };

/** As readline does: single characters inserted next to each other are undone together, up to this many. */
const MAX_JOINED = 20;

/**
 * What `u` takes back in vi mode, of changes made in command mode. Where what was typed in insert mode ends for
 * it depends on earlier lines (one that ended by `C`, ESC and return leaves the next group open).
 */
export class UndoList {
  #entries: Entry[] = [];

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  clear(): void {
    this.#entries = [];
  }

  addUnknown(): void {
    this.#entries = [{ kind: 'unknown' }];
  }

  addCut(at: number, text: readonly string[]): void {
    if (text.length > 0) this.#entries.push({ kind: 'cut', at, text });
  }

  addInsert(at: number, length: number): void {
    const last = this.#entries.at(-1);
    if (length === 1 && last?.kind === 'insert' && last.to === at && last.to - last.from < MAX_JOINED)
      last.to += 1;
    else this.#entries.push({ kind: 'insert', from: at, to: at + length });
  }

  /** What is done is taken back at once. */
  inGroup(edit: () => void): void {
    this.#entries.push({ kind: 'group-begins' });
    edit();
    this.#entries.push({ kind: 'group-ends' });
  }

  /** Takes the last change back. Returns false when it is not known. */
  undo(line: LineBuffer): boolean {
    let depth = 0;
    do {
      const entry = this.#entries.pop();
      if (entry === undefined) return true;
      if (entry.kind === 'unknown') return false;
      if (entry.kind === 'group-ends') depth += 1;
      else if (entry.kind === 'group-begins') depth -= 1;
      else if (entry.kind === 'insert') line.cut(entry.from, entry.to);
      else if (entry.kind === 'cut') {
        line.moveTo(entry.at);
        line.insert(entry.text);
      }
    } while (depth > 0);
    return true;
  }
}
