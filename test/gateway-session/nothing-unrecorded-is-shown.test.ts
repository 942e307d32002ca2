import { access } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { FrameKind, Recorder, RecordingMeta } from '#recording/recorder.ts';
import { openBed } from './bed.ts';
import { ssh, startSsh } from './run-ssh.ts';

interface Recorded {
  readonly meta: RecordingMeta;
  readonly frames: { readonly kind: FrameKind; readonly bytes: Buffer }[];
}

/** Records for real, and beside it keeps what was accepted; refuses when told to. */
function watched(options: {
  readonly refuse?: (meta: RecordingMeta, kind: FrameKind, acceptedBytes: number) => boolean;
  readonly refuseStart?: boolean;
}): { readonly wrap: (recorder: Recorder) => Recorder; readonly recordings: Recorded[] } {
  const recordings: Recorded[] = [];
  return {
    recordings,
    wrap: (recorder) => ({
      start: async (meta) => {
        if (options.refuseStart === true) throw new Error('no space');
        const writer = await recorder.start(meta);
        const recorded: Recorded = { meta, frames: [] };
        recordings.push(recorded);
        let accepted = 0;
        let failed = false;
        return {
          write: async (kind, data) => {
            const bytes = Buffer.from(data);
            failed ||= options.refuse?.(meta, kind, accepted) === true;
            if (failed) throw new Error('no space');
            await writer.write(kind, data);
            accepted += bytes.length;
            recorded.frames.push({ kind, bytes });
          },
          sync: () => writer.sync(),
          finish: (reason) => writer.finish(reason),
        };
      },
    }),
  };
}

function content(recorded: Recorded | undefined, ...kinds: readonly FrameKind[]): string {
  const frames = recorded?.frames.filter((frame) => kinds.includes(frame.kind)) ?? [];
  return Buffer.concat(frames.map((frame) => frame.bytes)).toString('latin1');
}

test('what is shown was recorded, byte for byte, and what is typed too', async () => {
  const recorder = watched({});
  await using bed = await openBed({ wrapRecorder: recorder.wrap });
  const target = `alice@${bed.sshd.account}@web01`;
  const done = await ssh(
    [...bed.ssh(target), 'cat; head -c 3000000 /dev/urandom; echo oops >&2'],
    'typed input\n',
  );
  const [recorded] = recorder.recordings;
  expect(done.stdout.length).toBe(3_000_012);
  expect(content(recorded, 'output')).toBe(done.stdout.toString('latin1'));
  expect(content(recorded, 'error')).toBe(done.stderr);
  expect(content(recorded, 'input')).toBe('typed input\n');
  expect(recorded?.meta).toMatchObject({ user: 'alice', asset: 'web01', kind: 'exec' });
});

test('after the recorder fails not one more byte is shown, the session ends, the others go on', async () => {
  const recorder = watched({
    refuse: (meta, kind, accepted) =>
      kind === 'output' && meta.command !== null && meta.command.includes('FAILS') && accepted > 1_000_000,
  });
  await using bed = await openBed({ wrapRecorder: recorder.wrap });
  const target = `alice@${bed.sshd.account}@web01`;
  await using other = startSsh([...bed.ssh(target), 'echo ready; cat']);
  await other.shows(/ready/);

  const done = await ssh([...bed.ssh(target), 'head -c 50000000 /dev/urandom; : FAILS']);
  const failed = recorder.recordings.find((one) => one.meta.command?.includes('FAILS') === true);
  expect(done.stdout.length).toBeGreaterThan(1_000_000);
  expect(done.stdout.toString('latin1')).toBe(content(failed, 'output').slice(0, done.stdout.length));
  expect(done.stderr).toContain('The session ends: it cannot be recorded any more.');
  expect(done.code).toBe(255);
  const ended = await bed.event('session.ended');
  expect(ended.data).toMatchObject({ reason: 'recording' });

  other.type('still recorded\n');
  await other.shows(/still recorded/);
  expect((await bed.control.sessions()).map((one) => one.channels)).toEqual([['exec: echo ready; cat']]);
});

test('input that cannot be recorded does not reach the asset', async () => {
  const recorder = watched({ refuse: (_meta, kind) => kind === 'input' });
  await using bed = await openBed({ wrapRecorder: recorder.wrap });
  const target = `alice@${bed.sshd.account}@web01`;
  const done = await ssh([...bed.ssh(target), 'cat; echo "cat ended" '], 'secret plan\n');
  expect(done.stdout.toString()).not.toContain('secret plan');
  expect(done.stderr).toContain('cannot be recorded any more');
});

test('without a recording nothing is opened', async () => {
  const recorder = watched({ refuseStart: true });
  await using bed = await openBed({ wrapRecorder: recorder.wrap });
  const target = `alice@${bed.sshd.account}@web01`;
  const done = await ssh([...bed.ssh(target), `echo ran > ${bed.folder}/ran; echo shown`]);
  expect(done.stdout.toString()).toBe('');
  expect(done.stderr).toBe('The session was not opened: it cannot be recorded. Ask an administrator.\n');
  expect(done.code).toBe(255);
  const failed = await bed.event('session.failed');
  expect(failed.data).toMatchObject({ code: 'recording_unavailable' });
  await expect(access(`${bed.folder}/ran`)).rejects.toThrow('ENOENT');
});
