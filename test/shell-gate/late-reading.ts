import { createEmulator, type Emulator } from '#gateway/terminal/emulator.ts';
import { EmulatorFeed } from '#gateway/terminal/emulator-feed.ts';
import { PendingOutput, type PendingItem } from '#gateway/terminal/pending-output.ts';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Output, and changes of size in between. */
export type Part = Buffer | Size;

export interface LateReading {
  readonly emulator: Emulator;
  /** How many bytes the emulator was given. */
  readonly fedBytes: number;
  readonly isUnsure: boolean;
  /** Behind how many bytes of output the emulator was brought up to date. */
  readonly askedAt: readonly number[];
}

/** The emulator itself cannot show it, late or not. */
export class EmulatorDefect extends Error {}

export interface Reader {
  /** Cuts output up as it might arrive. */
  readonly pieces: (bytes: Buffer) => Iterable<Buffer>;
  /** Whether somebody wants to see the screen behind this piece. */
  readonly asksNow: () => boolean;
}

/**
 * The emulator after it was given everything, cut behind so many bytes. Without wrapping, what it shows at the right edge
 * depends on the cuts: whenever it begins to print it takes a wide character left of the cursor for half overwritten.
 */
export async function readAll(
  size: Size,
  parts: readonly Part[],
  cuts: readonly number[] = [],
): Promise<Emulator> {
  const emulator = createEmulator(size.columns, size.rows);
  const items: PendingItem[] = [];
  let start = 0;
  for (const part of joined(parts)) {
    if (!Buffer.isBuffer(part)) {
      items.push({ kind: 'size', ...part });
      continue;
    }
    const end = start + part.length;
    const inside = cuts.filter((cut) => cut > start && cut < end);
    for (const [index, cut] of [...inside, end].entries())
      items.push({ kind: 'output', bytes: part.subarray((inside[index - 1] ?? start) - start, cut - start) });
    start = end;
  }
  await feed(emulator, items);
  return emulator;
}

/** The emulator after it was given what is left when output is collected, thinned and read late. */
export async function readLate(size: Size, parts: readonly Part[], reader: Reader): Promise<LateReading> {
  const emulator = createEmulator(size.columns, size.rows);
  const output = new PendingOutput(size.columns, size.rows);
  let fedBytes = 0;
  let pushedBytes = 0;
  const askedAt: number[] = [];
  const ask = async (): Promise<void> => {
    const items = output.take();
    for (const item of items) if (item.kind === 'output') fedBytes += item.bytes.length;
    await feed(emulator, items);
  };
  for (const part of joined(parts)) {
    if (!Buffer.isBuffer(part)) {
      output.resize(part.columns, part.rows);
      continue;
    }
    for (const piece of reader.pieces(part)) {
      output.push(piece);
      pushedBytes += piece.length;
      if (!reader.asksNow()) continue;
      askedAt.push(pushedBytes);
      await ask();
    }
  }
  const { isUnsure } = output;
  await ask();
  return { emulator, fedBytes, isUnsure, askedAt };
}

export function feed(emulator: Emulator, items: readonly PendingItem[]): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const renew = (): Emulator => {
    reject(new EmulatorDefect());
    return createEmulator(emulator.cols, emulator.rows);
  };
  new EmulatorFeed({ emulator, onGap: () => undefined, renew }).feed(items, resolve);
  return promise;
}

function joined(parts: readonly Part[]): readonly Part[] {
  const all: Part[] = [];
  let run: Buffer[] = [];
  for (const part of parts) {
    if (Buffer.isBuffer(part)) run.push(part);
    else {
      all.push(Buffer.concat(run), part);
      run = [];
    }
  }
  return [...all, Buffer.concat(run)];
}

/** Every cell of both screens (not of what the emulator may keep above one) with its colours and attributes, the cursor, and the modes: a line for each row. */
export function shown(emulator: Emulator): readonly string[] {
  const { active, normal } = emulator.buffer;
  const lines = [`${active.type} ${active.cursorX},${active.cursorY} ${JSON.stringify(emulator.modes)}`];
  for (const buffer of active === normal ? [active] : [active, normal]) {
    for (let row = buffer.baseY; row < buffer.baseY + emulator.rows; row += 1) {
      const line = buffer.getLine(row);
      let text = line?.isWrapped === true ? '> ' : '';
      for (let column = 0; column < emulator.cols; column += 1) {
        const cell = line?.getCell(column);
        if (cell === undefined) continue;
        const foreground = cell.isFgDefault() ? '' : `${cell.getFgColorMode()}.${cell.getFgColor()}`;
        const background = cell.isBgDefault() ? '' : `${cell.getBgColorMode()}.${cell.getBgColor()}`;
        const attributes = [
          cell.isBold(),
          cell.isDim(),
          cell.isItalic(),
          cell.isUnderline(),
          cell.isInverse(),
        ];
        const more = [cell.isBlink(), cell.isInvisible(), cell.isStrikethrough(), cell.isOverline()];
        text += `${cell.getChars()}${cell.getWidth()}${foreground},${background}`;
        text += [...attributes, ...more].map((one) => (one === 0 ? '' : '!')).join('|');
      }
      lines.push(text);
    }
  }
  return lines;
}
