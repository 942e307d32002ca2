import { describe, expect, it } from 'vitest';
import { PendingOutput } from './pending-output.ts';

const MIB = 1024 * 1024;
const SPINNER = Buffer.from('\r⠋ working \u001B[33m...\u001B[0m'.repeat(1_000));
const LINES = Buffer.from('some line of text\r\n'.repeat(1_000));

function output(...texts: readonly string[]): PendingOutput {
  const pending = new PendingOutput(80, 24);
  for (const text of texts) pending.push(Buffer.from(text));
  return pending;
}

function taken(pending: PendingOutput): string {
  return pending
    .take()
    .map((item) => (item.kind === 'output' ? item.bytes.toString() : `[${item.kind}]`))
    .join('');
}

/** Output that cannot be thinned until some of it is thrown away. */
function flooded(pending = output()): PendingOutput {
  for (let bytes = 0; bytes < 5 * MIB; bytes += SPINNER.length) pending.push(SPINNER);
  return pending;
}

describe('pending output', () => {
  it('comes out as it went in while it is little', () => {
    const texts = ['$ ls\r\n', '\u001B[31mfile', '\u001B[0', 'm\r\n\u001B[?2004h$ ', 'naïve 目录'];
    const pending = output(...texts);
    expect(taken(pending)).toBe(texts.join(''));
    expect(pending.isEmpty).toBe(true);
    expect(taken(pending)).toBe('');
  });

  it('is copied', () => {
    const bytes = Buffer.from('before');
    const pending = output();
    pending.push(bytes);
    bytes.fill('x');
    expect(taken(pending)).toBe('before');
  });

  it('does not give a character away in halves', () => {
    const bytes = Buffer.from('a目b');
    const pending = output();
    pending.push(bytes.subarray(0, 3));
    expect(taken(pending)).toBe('a');
    expect(pending.isEmpty).toBe(true);
    pending.push(bytes.subarray(3));
    expect(taken(pending)).toBe('目b');
  });

  it('stays in order with changes of size, of which the last counts', () => {
    const pending = output('a');
    pending.resize(100, 30);
    pending.resize(90, 20);
    pending.push(Buffer.from('b'));
    pending.resize(90, 20);
    const items = pending.take();
    expect(items.map((item) => item.kind)).toEqual(['output', 'size', 'output']);
    expect(items[1]).toEqual({ kind: 'size', columns: 90, rows: 20 });
  });

  it('is little after a flood of lines', () => {
    const pending = output('\u001B[?2004h$ yes\r\n');
    for (let bytes = 0; bytes < 20 * MIB; bytes += LINES.length) pending.push(LINES);
    expect(pending.isUnsure).toBe(false);
    expect(taken(pending).length).toBeLessThan(2_000);
  });

  it('is thinned on each side of a barrier', () => {
    const pending = output();
    for (let count = 0; count < 10; count += 1) {
      pending.push(LINES);
      pending.push(Buffer.from('\u001B]0;title\u0007'));
    }
    expect(taken(pending).length).toBeLessThan(10_000);
  });

  it('has no room for the content of strings', () => {
    const pending = output('\u001BPq');
    for (let bytes = 0; bytes < 10 * MIB; bytes += 32_768) pending.push(Buffer.alloc(32_768, 'x'));
    pending.push(Buffer.from('\u001B\\$ '));
    const text = taken(pending);
    expect(pending.isUnsure).toBe(false);
    expect(text.length).toBeLessThan(5_000);
    expect(text.endsWith('x\u001B\\$ ')).toBe(true);
  });
});

describe('more than can be kept', () => {
  it('makes the screen unsure, and the newest is kept', () => {
    const pending = flooded();
    pending.push(Buffer.from('\r\n$ '));
    expect(pending.isUnsure).toBe(true);
    const text = taken(pending);
    expect(text.startsWith('[gap]\u0018\u001B[0m\r\n')).toBe(true);
    expect(text.endsWith('...\u001B[0m\r\n$ ')).toBe(true);
    expect(text.length).toBeLessThan(4 * MIB);
  });

  it('is bounded, however much it is', () => {
    const pending = flooded(flooded(flooded(flooded())));
    expect(taken(pending).length).toBeLessThan(4 * MIB);
  });

  it('counts what redraws the whole screen for what it costs', () => {
    const pending = new PendingOutput(1_000, 500);
    for (let count = 0; count < 100; count += 1) pending.push(Buffer.from('\u001B[J\u001B[500L'));
    expect(pending.isUnsure).toBe(true);
    expect(taken(pending).length).toBeLessThan(1_000);
  });

  it('leaves what was switched switched', () => {
    const pending = output('\u001B[?2004h\u001B[?1h\u001B[?1l\u001B(0\u000E\u001B[?1049h\u001B[5;10r');
    expect(taken(flooded(pending)).slice(0, 60)).toContain(
      '[gap]\u0018\u001B[?2004h\u001B[?1l\u001B(0\u000E\u001B[?1049h\u001B[5;10r',
    );
  });

  it('keeps the last size', () => {
    const pending = output();
    pending.resize(100, 30);
    flooded(pending);
    expect(pending.take().slice(0, 2)).toEqual([{ kind: 'gap' }, { kind: 'size', columns: 100, rows: 30 }]);
  });

  it.each([
    ['a full reset', '\u001Bc'],
    ['an erased screen with the cursor placed', '\u001B[H\u001B[2J'],
    ['the same in the other order', '\u001B[2J\u001B[5;5H'],
    ['home and everything below erased', '\u001B[H\u001B[J'],
    ['a screenful of lines', LINES.toString()],
  ])('is forgotten after %s', (_, redraw) => {
    const pending = flooded();
    pending.push(Buffer.from(redraw));
    pending.take();
    expect(pending.isUnsure).toBe(false);
  });

  it.each([
    ['an erased screen with the cursor somewhere', '\u001B[2J'],
    ['a placed cursor', '\u001B[H'],
    ['everything below erased from somewhere', '\u001B[Hx\u001B[J'],
    ['everything below erased from elsewhere', '\u001B[5H\u001B[J'],
    ['everything below a region erased', '\u001B[5;10r\u001B[?6h\u001B[H\u001B[J'],
    ['lines in a scroll region', `\u001B[5;10r${LINES.toString()}`],
    ['a restored cursor', '\u001B[2J\u001B8'],
    ['a few lines', 'a\r\n'.repeat(10)],
    ['a prompt', '\r\n$ '],
  ])('is not forgotten after %s', (_, text) => {
    const pending = flooded();
    pending.push(Buffer.from(text));
    pending.take();
    expect(pending.isUnsure).toBe(true);
  });

  it('is not forgotten before a full reset when something unknown was switched', () => {
    const pending = flooded(output('\u001B[?6\u0007h'));
    pending.push(Buffer.from('\u001B[H\u001B[2J'));
    expect(pending.isUnsure).toBe(true);
    pending.push(Buffer.from('\u001Bc'));
    expect(pending.isUnsure).toBe(false);
  });

  it('is forgotten with the second screen on which it was', () => {
    const pending = output('$ top\r\n\u001B[?1049h');
    pending.take();
    flooded(pending);
    expect(pending.isUnsure).toBe(true);
    pending.push(Buffer.from('\u001B[?1049l$ '));
    expect(pending.isUnsure).toBe(false);
  });

  it('is not forgotten with a second screen when it was on the first', () => {
    const pending = flooded();
    pending.push(Buffer.from('\u001B[?1049h\u001B[H'));
    expect(pending.isUnsure).toBe(false);
    pending.push(Buffer.from('\u001B[?1049l'));
    expect(pending.isUnsure).toBe(true);
  });

  it('may end within a sequence', () => {
    const pending = flooded(output('\u001B[31'));
    for (let bytes = 0; bytes < 5 * MIB; bytes += 10_000) pending.push(Buffer.from('1;'.repeat(5_000)));
    pending.push(Buffer.from(`m${LINES.toString()}\u001B[H\u001B[2J$ `));
    expect(pending.isUnsure).toBe(false);
    expect(taken(pending).endsWith('\u001B[H\u001B[2J$ ')).toBe(true);
  });
});
