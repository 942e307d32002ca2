import { createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { PortcullisError } from '#contract/errors.ts';
import type { Recording } from '#contract/resources/recording.ts';
import { SESSION_ROUTES as R } from '#contract/routes/session-routes.ts';
import { openSource } from '#recording/format/source.ts';
import { replayFrames } from '#recording/playback/replay.ts';
import { verifyRecording } from '#recording/reading/verify-recording.ts';
import { describeReport } from '#recording/reading/verify-report.ts';
import { defineCommand } from '../command.ts';
import type { ApiClient } from '../server/api-client.ts';
import { readAsciicast } from '../input/asciicast.ts';
import type { Output } from '../output/output.ts';
import { parseDuration } from '#lib/time.ts';

const id = { count: 'one', description: 'Id of the session, or of one recording.' } as const;

/** The recordings of a session; an id that is no session may be a recording of its own. */
async function recordingIds(api: ApiClient, given: string): Promise<readonly string[]> {
  try {
    const { items } = await api.call(R.listRecordings, { params: { id: given } });
    const readable = items.filter((one: Recording) => !one.erased);
    if (items.length > 0 && readable.length === 0)
      throw new PortcullisError('E_NOT_FOUND', 'The recordings of this session were erased.');
    if (readable.length === 0) throw new PortcullisError('E_NOT_FOUND', 'This session has no recording.');
    return readable.map((one) => one.id);
  } catch (error) {
    if (
      error instanceof PortcullisError &&
      error.code === 'E_NOT_FOUND' &&
      !error.message.includes('session')
    )
      return [given];
    throw error;
  }
}

async function onlyRecording(api: ApiClient, given: string): Promise<string> {
  const ids = await recordingIds(api, given);
  const [first = ''] = ids;
  if (ids.length > 1)
    throw new PortcullisError(
      'E_USAGE',
      `This session has several recordings; give the id of one: ${ids.join(' ')}`,
    );
  return first;
}

const sessionReplay = defineCommand({
  name: 'session replay',
  summary: 'Show a recording on this terminal in its own time, with everything harmful taken out.',
  args: { id },
  options: {
    speed: {
      kind: 'text',
      value: 'N',
      default: '1',
      description: '2 is twice as fast, 0 shows everything at once.',
    },
    idleLimit: { kind: 'text', value: 'DURATION', default: '2s', description: 'No pause is longer.' },
  },
  async run({ api, args, options, io, output }) {
    const speed = Number(options.speed);
    if (!Number.isFinite(speed) || speed < 0)
      throw new PortcullisError('E_USAGE', '--speed must be 0 or more.');
    const idleLimitMs = parseDuration(options.idleLimit);
    if (idleLimitMs === undefined)
      throw new PortcullisError('E_USAGE', '--idle-limit must be like 500ms or 2s.');
    const signal = io.interrupted();
    for (const recording of await recordingIds(api, args.id)) {
      const cast = await api.stream(R.exportRecording, {
        params: { id: recording },
        query: { input: 'false' },
      });
      output.note(`-- recording ${recording}`);
      await replayFrames(readAsciicast(cast), {
        write: (text) => io.outBytes(Buffer.from(text)),
        speed: speed === 0 ? Number.POSITIVE_INFINITY : speed,
        idleLimitMs,
        signal,
      }).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
      if (signal.aborted) return 130;
    }
    return 0;
  },
});

const sessionExport = defineCommand({
  name: 'session export',
  summary: 'Write a recording as asciicast, or as it is stored.',
  args: { id },
  options: {
    format: {
      kind: 'text',
      value: 'FORMAT',
      default: 'asciicast',
      description: 'asciicast, asciicast3 or raw (encrypted and signed).',
    },
    output: { kind: 'text', short: 'o', value: 'FILE', description: 'File to write; else standard output.' },
    noInput: { kind: 'flag', description: 'Leave out what was typed.' },
  },
  async run({ api, args, options, io, output }) {
    const recording = await onlyRecording(api, args.id);
    const params = { id: recording };
    const formats: Readonly<Record<string, () => ReturnType<ApiClient['stream']>>> = {
      asciicast: () =>
        api.stream(R.exportRecording, {
          params,
          query: { version: '2', input: options.noInput ? 'false' : 'true' },
        }),
      asciicast3: () =>
        api.stream(R.exportRecording, {
          params,
          query: { version: '3', input: options.noInput ? 'false' : 'true' },
        }),
      raw: () => api.stream(R.downloadRecording, { params }),
    };
    const open = Object.hasOwn(formats, options.format) ? formats[options.format] : undefined;
    if (open === undefined)
      throw new PortcullisError(
        'E_USAGE',
        `--format ${options.format} is not known; there are ${Object.keys(formats).join(', ')}.`,
      );
    const content = await open();
    if (options.output === undefined) for await (const chunk of content) await io.outBytes(chunk as Buffer);
    else {
      const file = resolve(io.cwd, options.output);
      // A recording may show anything that was on the screen: for its owner alone, and never over another file.
      await pipeline(content, createWriteStream(file, { flags: 'wx', mode: 0o600 }));
      output.note(`${file} is written.`);
    }
  },
});

/** A recording on this machine, whoever's: what it says of itself needs no server and no key of the vault. */
async function verifyFile(file: string, publicKey: string | undefined, output: Output): Promise<number> {
  await using source = await openSource(file);
  const report = await verifyRecording(source, { publicKey });
  output.show(report, describeReport(report));
  return report.ok ? 0 : 65;
}

async function verifyOnServer(api: ApiClient, recording: string, output: Output): Promise<number> {
  const report = await api.call(R.verifyRecording, { params: { id: recording } });
  const ending = report.complete ? '' : ', it ended abnormally';
  output.show(report, [
    report.intact
      ? `${recording}: ${output.good('intact')}, ${report.frames} frames, ${report.bytes} bytes${ending}`
      : `${recording}: ${output.bad('DOES NOT VERIFY')}: ${report.problem ?? ''}`,
    ...(report.signed ? [] : [`${recording}: ${output.bad('NOT SIGNED')}`]),
  ]);
  if (report.anchors === 'unavailable')
    output.note(
      `${recording}: the anchors were NOT checked, because the archive cannot be asked now. Verify again when \`portcullis doctor\` finds the archive well.`,
    );
  return report.intact ? 0 : 65;
}

const sessionVerify = defineCommand({
  name: 'session verify',
  summary:
    'Check every byte of the recordings of a session, or of a file: checksums, chain, signature, anchor.',
  args: {
    id: {
      count: 'one',
      description: 'Id of the session or of one recording, or a .pcrec file (needs no server).',
    },
  },
  options: {
    publicKey: {
      kind: 'text',
      value: 'KEY',
      description: 'For a file: the key that must have signed it, base64url.',
    },
  },
  async run({ api, args, options, io, output }) {
    if (args.id.endsWith('.pcrec')) return verifyFile(resolve(io.cwd, args.id), options.publicKey, output);
    const codes: number[] = [];
    for (const recording of await recordingIds(api, args.id))
      codes.push(await verifyOnServer(api, recording, output));
    return Math.max(0, ...codes);
  },
});

export const recordingCommands = [sessionReplay, sessionExport, sessionVerify];
