import { displayWidth, fitColumns } from './display-width.ts';

export interface MenuRow {
  readonly number: number;
  readonly cells: readonly string[];
  readonly marked: boolean;
}

export interface MenuPicture {
  readonly title: string;
  /** Headings of the number and of each cell. */
  readonly headings: readonly string[];
  readonly rows: readonly MenuRow[];
  /** Rows the list could have. */
  readonly space: number;
  readonly notes: readonly string[];
  readonly prompt: string;
  readonly input: string;
}

/** Lines around the list: title, headings, note, hint, prompt. */
export const FRAME_ROWS = 5;

const CLEAR = '\u001B[0m\u001B[2J\u001B[H';
const BOLD = '\u001B[1m';
const REVERSE = '\u001B[7m';
const DIM = '\u001B[2m';
const PLAIN = '\u001B[0m';

/** Draws the whole screen anew; no line is wider than the screen, so nothing wraps. */
export function drawMenu(picture: MenuPicture, columns: number): string {
  const width = Math.max(10, columns - 1);
  const [numberHeading = '', ...headings] = picture.headings;
  const numberWidth = Math.max(
    displayWidth(numberHeading),
    ...picture.rows.map((row) => String(row.number).length),
  );
  const firstWidth = firstColumnWidth(picture, headings, width - numberWidth - 4);
  const restWidth = Math.max(0, width - numberWidth - firstWidth - 6);
  const line = (number: string, [first = '', rest = '']: readonly string[]): string =>
    fitColumns(`  ${number}  ${fitColumns(first, firstWidth)}  ${fitColumns(rest, restWidth)}`, width);

  const lines = [
    BOLD + fitColumns(picture.title, width) + PLAIN,
    DIM + line(fitColumns(numberHeading, numberWidth), headings) + PLAIN,
    ...picture.rows.map((row) => {
      const text = line(String(row.number).padStart(numberWidth), row.cells);
      return row.marked ? REVERSE + text + PLAIN : text;
    }),
  ];
  for (let missing = picture.space - picture.rows.length; missing > 0; missing -= 1) lines.push('');
  lines.push(...picture.notes.map((note) => DIM + fitColumns(note, width).trimEnd() + PLAIN));
  // Of a long input the end is shown: that is where the cursor is.
  const room = width - displayWidth(picture.prompt);
  const input =
    displayWidth(picture.input) <= room
      ? picture.input
      : Array.from(picture.input)
          .slice(-Math.floor(room / 2))
          .join('');
  return `${CLEAR}${lines.join('\r\n')}\r\n${picture.prompt}${input}`;
}

/** Text without list, e.g. help. */
export function drawText(title: string, lines: readonly string[], columns: number, rows: number): string {
  const width = Math.max(10, columns - 1);
  const shown = lines.slice(0, Math.max(1, rows - 4)).map((text) => fitColumns(text, width).trimEnd());
  return `${CLEAR}${[BOLD + fitColumns(title, width).trimEnd() + PLAIN, '', ...shown, ''].join('\r\n')}\r\n`;
}

export function clearScreen(): string {
  return CLEAR;
}

/** As wide as the widest name, at most two thirds of the room. */
function firstColumnWidth(picture: MenuPicture, headings: readonly string[], room: number): number {
  const widest = Math.max(
    ...[headings[0] ?? '', ...picture.rows.map((row) => row.cells[0] ?? '')].map(displayWidth),
  );
  const single = headings.length < 2;
  return Math.max(1, Math.min(widest, single ? room : Math.floor((room * 2) / 3)));
}
