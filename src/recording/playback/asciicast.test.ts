import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memorySource } from '../format/source.ts';
import { readRecording } from '../reading/read-recording.ts';
import { SampleRecording } from '../testing/sample.ts';
import { exportAsciicast, type AsciicastVersion } from './asciicast.ts';
import { replayFrames } from './replay.ts';

type CastEvent = readonly [number, string, string];

async function cast(
  recording: SampleRecording,
  version: AsciicastVersion,
): Promise<{ head: unknown; events: CastEvent[] }> {
  const opened = await readRecording(memorySource(recording.bytes()), recording.key);
  let text = '';
  for await (const line of exportAsciicast(opened, version)) text += line;
  const [head, ...events] = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  return { head, events: events as CastEvent[] };
}

function session(): SampleRecording {
  return new SampleRecording({ command: 'top' })
    .frame('output', 1_500, 'hello')
    .frame('input', 2_000, 'x')
    .frame('resize', 2_250, '100x30')
    .frame('mark', 3_000, 'denied: su')
    .frame('error', 3_001, 'oops')
    .end(4_000);
}

describe('asciicast', () => {
  it('version 2 counts from the start', async () => {
    const { head, events } = await cast(session(), 2);
    expect(head).toEqual({
      version: 2,
      width: 80,
      height: 24,
      timestamp: 1_795_000_000,
      title: 'alice as root on web01',
      command: 'top',
      env: { TERM: 'xterm' },
    });
    expect(events).toEqual([
      [1.5, 'o', 'hello'],
      [2, 'i', 'x'],
      [2.25, 'r', '100x30'],
      [3, 'm', 'denied: su'],
      [3.001, 'o', 'oops'],
    ]);
  });

  it('version 3 counts from the event before', async () => {
    const { head, events } = await cast(session(), 3);
    expect(head).toEqual({
      version: 3,
      term: { cols: 80, rows: 24, type: 'xterm' },
      timestamp: 1_795_000_000,
      title: 'alice as root on web01',
      command: 'top',
    });
    expect(events.map(([seconds]) => seconds)).toEqual([1.5, 0.5, 0.25, 0.75, 0.001]);
  });

  it('keeps characters whole that frames cut, each stream for itself', async () => {
    const word = Buffer.from('日本語🙂');
    const recording = new SampleRecording();
    for (const [n, byte] of word.entries()) {
      recording.frame('output', n, Buffer.from([byte])).frame('input', n, Buffer.from([byte]));
    }
    const { events } = await cast(recording.end(99), 2);
    for (const code of ['o', 'i']) {
      const text = events.filter(([, kind]) => kind === code).map(([, , content]) => content);
      expect(text.join('')).toBe('日本語🙂');
      expect(text).toHaveLength(4);
    }
  });

  it('shows invalid bytes as what they are, and invents nothing, however they are cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 12 }), async (chunks) => {
        const recording = new SampleRecording();
        for (const [n, chunk] of chunks.entries()) recording.frame('output', n, Buffer.from(chunk));
        const { events } = await cast(recording.end(99), 2);
        const whole = new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.concat(chunks));
        expect(events.map(([, , text]) => text).join('')).toBe(whole);
      }),
    );
  });
});

describe('replay', () => {
  async function replay(
    recording: SampleRecording,
    speed: number,
    idleLimitMs: number,
  ): Promise<{ shown: string; waits: number[]; marks: string[]; sizes: string[] }> {
    const opened = await readRecording(memorySource(recording.bytes()), recording.key);
    const result = { shown: '', waits: [] as number[], marks: [] as string[], sizes: [] as string[] };
    await replayFrames(opened.frames, {
      speed,
      idleLimitMs,
      write: (text) => {
        result.shown += text;
      },
      wait: (ms) => {
        result.waits.push(ms);
        return Promise.resolve();
      },
      onMark: (text) => result.marks.push(text),
      onResize: (columns, rows) => result.sizes.push(`${String(columns)}x${String(rows)}`),
    });
    return result;
  }

  it('keeps the time, divided by the speed, and shortens pauses', async () => {
    const { shown, waits, marks, sizes } = await replay(session(), 2, 1_000);
    expect(waits).toEqual([500, 250, 125, 375]);
    expect(shown).toMatch(/^hellooops/);
    expect(marks).toEqual(['denied: su']);
    expect(sizes).toEqual(['100x30']);
    expect((await replay(session(), Infinity, Infinity)).waits).toEqual([]);
  });

  it('removes hostile sequences even when frames cut them, and leaves the terminal usable', async () => {
    const recording = new SampleRecording();
    for (const [n, char] of Array.from('a\u001B]52;c;ZXZpbA==\u0007b\u001B[c\u001B[?1049h').entries())
      recording.frame('output', n, char);
    const { shown } = await replay(recording.end(99), Infinity, Infinity);
    expect(shown).toBe('ab\u001B[?1049h\u001B[!p\u001B[?1049l\u001B[?5l\u001B[?7h\u001B[?25h\u001B[0m\r\n');
  });

  it('stops when it is told to, and still resets the terminal', async () => {
    const opened = await readRecording(memorySource(session().bytes()), session().key).catch(() => undefined);
    expect(opened).toBeUndefined();
    const recording = session();
    const { frames } = await readRecording(memorySource(recording.bytes()), recording.key);
    let shown = '';
    const replaying = replayFrames(frames, {
      write: (text) => {
        shown += text;
      },
      signal: AbortSignal.abort(new Error('enough')),
    });
    await expect(replaying).rejects.toThrow('enough');
    expect(shown).toContain('\u001B[!p');
  });
});
