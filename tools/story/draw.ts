import headless from '@xterm/headless';
import type { Cast } from './asciicast.ts';

const CELL_WIDTH = 8.4;
const LINE_HEIGHT = 19;
const MARGIN = 16;
/** The last picture stays this long before the story begins again. */
const REST_SECONDS = 6;

interface Run {
  readonly column: number;
  readonly text: string;
  readonly style: string;
}

interface Row {
  readonly seconds: number;
  readonly runs: readonly Run[];
}

/**
 * Draws the recording as an SVG that moves by CSS alone, so that it plays wherever an image is shown. Each row is
 * drawn as the terminal shows it when it is complete, and appears at the time when it was written; whoever wants
 * no motion sees the last picture.
 */
export async function drawCast(cast: Cast): Promise<string> {
  const rows = await readRows(cast);
  const seconds = (cast.output.at(-1)?.[0] ?? 0) + REST_SECONDS;
  const width = Math.ceil(cast.columns * CELL_WIDTH + 2 * MARGIN);
  const height = cast.rows * LINE_HEIGHT + 2 * MARGIN;
  const keyframes = rows.map(
    (row, index) =>
      `@keyframes r${index}{0%,${percent(row.seconds, seconds)}{opacity:0}${percent(row.seconds + 0.001, seconds)},100%{opacity:1}}.r${index}{animation:r${index} ${seconds.toFixed(2)}s step-end infinite}`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeText(cast.title)}">
<style>
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#d7dde4;white-space:pre}
.dim{fill:#8b98a5}.bold{font-weight:700;fill:#fff}
@media (prefers-reduced-motion:no-preference){${keyframes.join('')}}
</style>
<rect width="100%" height="100%" rx="8" fill="#16191d"/>
${rows.map(drawRow).join('\n')}
</svg>
`;
}

function drawRow({ runs }: Row, index: number): string {
  const y = MARGIN + (index + 0.75) * LINE_HEIGHT;
  const texts = runs.map(
    ({ column, text, style }) =>
      `<text x="${(MARGIN + column * CELL_WIDTH).toFixed(1)}" y="${y.toFixed(1)}" textLength="${(text.length * CELL_WIDTH).toFixed(1)}"${style === '' ? '' : ` class="${style}"`}>${escapeText(text)}</text>`,
  );
  return `<g class="r${index}">${texts.join('')}</g>`;
}

async function readRows({ columns, rows, output }: Cast): Promise<readonly Row[]> {
  const terminal = new headless.Terminal({ cols: columns, rows, allowProposedApi: true, logLevel: 'off' });
  const firstAt: number[] = [];
  for (const [seconds, text] of output) {
    await new Promise<void>((resolve) => terminal.write(text, resolve));
    const { active } = terminal.buffer;
    if (active.baseY > 0) throw new Error(`the story has more than ${rows} rows`);
    for (let row = 0; row < rows; row += 1) {
      const isEmpty = active.getLine(row)?.translateToString(true) === '';
      if (!isEmpty) firstAt[row] ??= seconds;
    }
  }
  const drawn = Array.from({ length: rows }, (_, row) => ({
    seconds: firstAt[row] ?? 0,
    runs: readRuns(terminal, row),
  }));
  terminal.dispose();
  return drawn;
}

/** Neighbouring cells of one style, without blanks at both ends. */
function readRuns(terminal: InstanceType<typeof headless.Terminal>, row: number): readonly Run[] {
  const line = terminal.buffer.active.getLine(row);
  const runs: { column: number; text: string; style: string }[] = [];
  for (let column = 0; column < terminal.cols; column += 1) {
    const cell = line?.getCell(column);
    const text = cell?.getChars() ?? '';
    const style = cell?.isBold() ? 'bold' : cell?.isDim() ? 'dim' : '';
    const last = runs.at(-1);
    if (last?.style === style) last.text += text === '' ? ' ' : text;
    else runs.push({ column, text: text === '' ? ' ' : text, style });
  }
  return runs
    .map((run) => ({ ...run, text: run.text.trimEnd() }))
    .map(({ column, text, style }) => ({
      column: column + text.length - text.trimStart().length,
      text: text.trimStart(),
      style,
    }))
    .filter((run) => run.text !== '');
}

function percent(seconds: number, of: number): string {
  return `${((100 * seconds) / of).toFixed(3)}%`;
}

function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
