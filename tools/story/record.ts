/**
 * Records the story that the demo plays: `npm run story` runs it and writes `docs/media/story.cast`
 * and the picture `docs/media/story.svg`. Writes nothing when a step was not as told.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';
import { formatCast, type Cast } from './asciicast.ts';
import { drawCast } from './draw.ts';

const root = join(import.meta.dirname, '..', '..');
const media = join(root, 'docs', 'media');
const COMMAND = 'npm run demo -- --play';
/** Narrower looks lost beside the text of a page. */
const LEAST_COLUMNS = 96;

const child = spawn(process.execPath, [join(root, 'src/main/demo/start.ts'), '--play'], {
  cwd: root,
  env: { ...process.env, FORCE_COLOR: '1' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const startedAt = performance.now();
const output: [number, string][] = [[0, `$ ${COMMAND}\r\n`]];
for await (const line of createInterface({ input: child.stdout })) {
  const seconds = (performance.now() - startedAt) / 1000;
  process.stdout.write(`${line}\n`);
  output.push([seconds, `${line}\r\n`]);
}
const [code] = child.exitCode === null ? ((await once(child, 'exit')) as [number | null]) : [child.exitCode];
if (code !== 0) throw new Error(`the story ended with exit code ${code}; nothing was written`);

const lengths = output.map(([, text]) => stripVTControlCharacters(text).trimEnd().length);
const cast: Cast = {
  columns: Math.max(LEAST_COLUMNS, ...lengths),
  rows: output.length + 1,
  title: 'Portcullis: three forbidden commands, containment, recovery, a second episode',
  output,
};
const picture = await drawCast(cast);
await mkdir(media, { recursive: true });
await writeFile(join(media, 'story.cast'), formatCast(cast));
await writeFile(join(media, 'story.svg'), picture);
