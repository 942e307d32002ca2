import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import {
  LOG_SOURCE_ROUTES as R,
  MAX_IMPORTED_LINES,
  MAX_LINE_CHARS,
} from '#contract/routes/log-source-routes.ts';
import { defineCommand } from '../command.ts';
import { openLineFile, type LineFile } from '../input/line-file.ts';
import { ProgressLine } from '../output/progress-line.ts';
import { readPast } from '../output/times.ts';
import type { ApiClient } from '../server/api-client.ts';

/** Lines are sent in parts of about this many characters. */
const PART_CHARS = 1024 * 1024;

export const intakeFile = defineCommand({
  name: 'intake file',
  summary:
    'Store lines that were written before as history: they can be searched, and no rule counts them. Gzip and zstd too.',
  args: {
    path: { count: 'one', description: 'File with a message on each line, as they were sent or written.' },
  },
  options: {
    source: {
      kind: 'text',
      value: 'NAME',
      required: true,
      description: 'Log source that the lines are of.',
    },
    written: {
      kind: 'text',
      value: 'TIME',
      description:
        'When it was written, for lines that leave the year out; default: last change of the file.',
    },
  },
  async run({ api, args, options, io, output }) {
    const startedMs = performance.now();
    const file = await openLineFile(resolve(io.cwd, args.path), MAX_LINE_CHARS);
    const writtenAt =
      options.written === undefined ? file.writtenAtMs : readPast(options.written, '--written', Date.now());
    const progress = new ProgressLine(io, file.sizeBytes);
    const total = await sendAll(file, { api, source: options.source, writtenAt, progress });
    progress.end();
    const seconds = (performance.now() - startedMs) / 1000;
    const cut = file.cutLines();
    const result = { source: options.source, ...total, cut, seconds: Math.round(seconds * 10) / 10 };
    output.show(result, [
      `Lines: ${total.lines}, events of ${options.source}: ${total.events}, kept raw because nothing could read them: ${total.failed}`,
      ...(cut === 0 ? [] : [`Longer than ${MAX_LINE_CHARS} bytes and cut: ${cut}`]),
      `${Math.round(total.lines / Math.max(seconds, 0.001))} lines/s. No rule counts them.`,
    ]);
  },
});

interface Sent {
  readonly lines: number;
  readonly events: number;
  readonly failed: number;
}

interface Sending {
  readonly api: ApiClient;
  readonly source: string;
  readonly writtenAt: number;
  readonly progress: ProgressLine;
}

/** While the server stores one part, the next one is read. */
async function sendAll(file: LineFile, { api, source, writtenAt, progress }: Sending): Promise<Sent> {
  let sent: Sent = { lines: 0, events: 0, failed: 0 };
  let underWay: Promise<void> = Promise.resolve();
  let name: string | undefined;
  let firstLine = 1;
  let part: string[] = [];
  let chars = 0;
  const send = async (): Promise<void> => {
    await underWay;
    if (part.length === 0) return;
    name ??= createHash('sha256')
      .update(part[0] ?? '')
      .digest('hex');
    const body = { file: name, firstLine, writtenAt, lines: part };
    const count = part.length;
    underWay = api.call(R.importLines, { params: { name: source }, body }).then(({ events, failed }) => {
      sent = { lines: sent.lines + count, events: sent.events + events, failed: sent.failed + failed };
      progress.show(file.readBytes(), sent);
    });
    // Heard of when it is waited for.
    underWay.catch(() => undefined);
    firstLine += count;
    part = [];
    chars = 0;
  };
  for await (const lines of file)
    for (const line of lines) {
      part.push(line);
      chars += line.length;
      if (chars >= PART_CHARS || part.length === MAX_IMPORTED_LINES) await send();
    }
  await send();
  await underWay;
  return sent;
}
