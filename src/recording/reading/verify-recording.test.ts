import { expect, describe, it } from 'vitest';
import * as fc from 'fast-check';
import type { Anchor } from '../events.ts';
import { memorySource } from '../format/source.ts';
import { newSigner, SampleRecording } from '../testing/sample.ts';
import { verifyRecording, type VerifyOptions } from './verify-recording.ts';
import { describeReport, type VerifyReport } from './verify-report.ts';

const verify = (bytes: Buffer, options?: VerifyOptions): Promise<VerifyReport> =>
  verifyRecording(memorySource(bytes), options);

function sample(): SampleRecording {
  return new SampleRecording()
    .frame('output', 10, 'login: ')
    .frame('input', 20, 'x')
    .frame('output', 1_000, Buffer.alloc(6_000, 'compressible '))
    .head(10_000, false)
    .frame('resize', 11_000, '100x30')
    .frame('error', 12_000, Buffer.from([0xff, 0x00, 0x1b]));
}

function anchorAt(recording: SampleRecording): Anchor {
  const { frames, digest } = recording.position;
  return { frame: frames, digest: digest.toString('hex') };
}

describe('a recording that nobody changed', () => {
  it('verifies, and says how it ended', async () => {
    const recording = sample().end(13_000);
    const report = await verify(recording.bytes(), { publicKey: recording.signer.publicKey });
    expect(report).toMatchObject({
      ok: true,
      outcome: 'finished',
      signed: true,
      signatures: 3,
      frames: 10,
      durationMs: 13_000,
    });
    expect(describeReport(report)[0]).toBe('The recording is as it was written.');
  });

  it.each([
    ['abnormal', 'crash', 17],
    ['failed', 'disk-full', 0],
  ] as const)('verifies after a %s end, and says so', async (outcome, reason, tornBytes) => {
    const bytes = sample().end(13_000, { outcome, reason, tornBytes }).bytes();
    const report = await verify(bytes);
    expect(report).toMatchObject({ ok: true, outcome, reason, tornBytes });
    expect(describeReport(report).join('\n')).toContain('abnormally');
  });

  it('fits the anchors that were made on the way', async () => {
    const recording = sample();
    const anchors = [anchorAt(recording)];
    recording.head(13_000, false).frame('output', 14_000, 'more');
    anchors.push(anchorAt(recording));
    expect(await verify(recording.end(15_000).bytes(), { anchors })).toMatchObject({
      ok: true,
      anchorsChecked: 2,
    });
  });
});

describe('one changed byte', () => {
  it('is found wherever it is, and its frame is named', async () => {
    const recording = sample().end(13_000);
    const bytes = recording.bytes();
    for (let at = 0; at < bytes.length; at++) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ flip;
        const report = await verify(changed);
        const [first] = report.alarms;
        const frame = recording.frameAt(at);
        const offset = frame === null ? 0 : recording.offsets[frame];
        expect({ at, flip, ok: report.ok, frame: first?.frame, offset: first?.offset }).toEqual({
          at,
          flip,
          ok: false,
          frame,
          offset,
        });
      }
    }
  });
});

describe('a missing part', () => {
  it('is found wherever the file is cut', async () => {
    const recording = sample().end(13_000);
    const bytes = recording.bytes();
    for (let length = 0; length < bytes.length; length++) {
      const report = await verify(bytes.subarray(0, length));
      const frame = recording.frameAt(length);
      expect({ length, ok: report.ok, unfinished: report.alarms.length > 0 }).toEqual({
        length,
        ok: false,
        unfinished: true,
      });
      // Cut between two frames nothing is torn: then it is the missing signature that tells.
      const torn = length !== 0 && !recording.offsets.includes(length) && frame !== null;
      expect(report.alarms[0]?.kind).toBe(
        frame === null ? 'header-changed' : torn ? 'cut-off' : 'signature-missing',
      );
    }
  });

  it('is found when it is a whole frame, or frames change places', async () => {
    const recording = sample().end(13_000);
    const bytes = recording.bytes();
    const pieces = recording.offsets.map((start, n) =>
      bytes.subarray(start, recording.offsets[n + 1] ?? start),
    );
    const header = bytes.subarray(0, recording.offsets[0]);
    const frames = pieces.slice(0, -1);
    for (let n = 0; n < frames.length; n++) {
      const without = await verify(Buffer.concat([header, ...frames.toSpliced(n, 1)]));
      expect(without.ok).toBe(false);
      // Without its last frame the file is a whole chain; what is missing is the signature after frame 5.
      expect(without.alarms[0]?.frame).toBe(n === frames.length - 1 ? 6 : n);
      for (let m = n + 1; m < frames.length; m++) {
        const [a, b] = [frames[n], frames[m]];
        if (a === undefined || b === undefined) continue;
        const swapped = await verify(Buffer.concat([header, ...frames.with(n, b).with(m, a)]));
        expect(swapped.alarms[0]).toMatchObject({ kind: 'frame-changed', frame: n });
      }
      const doubled = await verify(Buffer.concat([header, ...frames.toSpliced(n, 0, frames[n] ?? header)]));
      expect(doubled.ok).toBe(false);
    }
  });
});

describe('somebody who knows the format but not the key', () => {
  it('cannot make up a recording that a trusted key accepts', async () => {
    const original = sample().end(13_000);
    const forged = new SampleRecording(original.meta).frame('output', 5, 'nothing happened').end(10);
    const report = await verify(forged.bytes(), { publicKey: original.signer.publicKey });
    expect(report.ok).toBe(false);
    expect(report.alarms.map(({ kind }) => kind)).toContain('signer-unknown');
    expect(await verify(forged.bytes())).toMatchObject({ ok: true, signerTrusted: false });
  });

  it('cannot keep the name of the trusted key', async () => {
    const original = sample().end(13_000);
    const { publicKey } = original.signer;
    const pretender = { ...newSigner(), publicKey };
    const forged = new SampleRecording(original.meta, pretender)
      .frame('output', 5, 'nothing happened')
      .end(10);
    const report = await verify(forged.bytes(), { publicKey });
    expect(report.alarms[0]).toMatchObject({ kind: 'signature-wrong', frame: 1 });
    expect(report.signed).toBe(false);
  });

  it('cannot leave the signatures out', async () => {
    const recording = sample();
    const report = await verify(recording.bytes());
    expect(report).toMatchObject({ ok: false, outcome: 'unfinished' });
    expect(report.alarms[0]).toMatchObject({ kind: 'signature-missing', frame: 6 });
  });

  it('cannot append after the end', async () => {
    const recording = sample().end(13_000);
    const whole = recording.bytes().length;
    recording.frame('output', 14_000, 'and then');
    const longer = await verify(recording.bytes());
    expect(longer.alarms[0]).toMatchObject({ kind: 'appended', frame: 10, offset: whole });
    const junk = await verify(Buffer.concat([recording.bytes().subarray(0, whole), Buffer.alloc(100)]));
    expect(junk.alarms[0]).toMatchObject({ kind: 'appended', frame: 10, offset: whole });
  });
});

describe('anchors', () => {
  it('notice what even the holder of the signing key has rewritten', async () => {
    const recording = sample();
    const anchors = [anchorAt(recording)];
    recording.end(13_000);
    const rewritten = new SampleRecording(recording.meta, recording.signer)
      .frame('output', 1, 'a')
      .frame('output', 2, 'b')
      .frame('output', 3, 'c')
      .frame('output', 4, 'd')
      .frame('output', 5, 'e')
      .frame('output', 6, 'f')
      .end(7);
    const { publicKey } = recording.signer;
    expect(await verify(rewritten.bytes(), { publicKey })).toMatchObject({ ok: true });
    const report = await verify(rewritten.bytes(), { publicKey, anchors });
    expect(report.alarms[0]).toMatchObject({ kind: 'anchor-mismatch', frame: anchors[0]?.frame });
  });

  it('notice an end that came later than the file says', async () => {
    const recording = sample();
    const short = new SampleRecording(recording.meta, recording.signer).end(1);
    const report = await verify(short.bytes(), { anchors: [anchorAt(recording)] });
    expect(report.alarms[0]).toMatchObject({ kind: 'anchor-missing' });
  });
});

describe('a recording that is still being written', () => {
  it('verifies as far as it is, when it is known to be live', async () => {
    const recording = sample();
    const torn = recording.bytes().subarray(0, -5);
    expect(await verify(torn)).toMatchObject({ ok: false, signed: false });
    expect(await verify(torn, { live: true })).toMatchObject({
      ok: true,
      signed: true,
      outcome: 'unfinished',
    });
  });

  it('does not verify when something before is changed, or anchored frames are gone', async () => {
    const recording = sample();
    const changed = Buffer.from(recording.bytes());
    const at = recording.offsets[3] ?? 0;
    changed[at + 20] = (changed[at + 20] ?? 0) ^ 1;
    expect(await verify(changed, { live: true })).toMatchObject({ ok: false, alarms: [{ frame: 3 }] });
    const anchors = [anchorAt(recording)];
    const short = recording.bytes().subarray(0, recording.offsets[4]);
    expect(await verify(short, { live: true, anchors })).toMatchObject({
      ok: false,
      alarms: [{ kind: 'anchor-missing' }],
    });
  });
});

describe('any bytes at all', () => {
  it('give a report, never an exception', async () => {
    const bytes = sample().end(13_000).bytes();
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 400 }),
        fc.nat(bytes.length),
        fc.nat(500),
        async (noise, at, cut) => {
          expect((await verify(Buffer.from(noise))).ok).toBe(false);
          const mixed = Buffer.concat([
            bytes.subarray(0, at),
            noise,
            bytes.subarray(Math.min(at + cut, bytes.length)),
          ]);
          expect((await verify(mixed)).ok).toBe(mixed.equals(bytes));
        },
      ),
    );
  });

  it('cannot make it take memory for lengths that are not there', async () => {
    const header = sample().bytes().subarray(0, 200);
    for (const length of [0xffff_ffff, 0x7fff_ffff, 262_145]) {
      const head = Buffer.alloc(12);
      head.writeUInt32BE(length);
      head[4] = 1;
      expect((await verify(Buffer.concat([header, head]))).ok).toBe(false);
    }
  });

  it('include a public key that is none', async () => {
    await expect(verify(sample().end(1).bytes(), { publicKey: 'nonsense' })).rejects.toMatchObject({
      code: 'E_INPUT',
    });
  });
});
