import { describe, expect, it } from 'vitest';
import { TerminalReports } from './terminal-reports.ts';

const keysOf = (text: string): string => {
  const reports = new TerminalReports();
  return reports.keysOf(Buffer.from(text)).toString('latin1') + reports.rest().toString('latin1');
};

/** The same, one byte at a time. */
const keysOfBytes = (text: string): string => {
  const reports = new TerminalReports();
  const keys = Array.from(Buffer.from(text), (byte) => reports.keysOf(Buffer.of(byte)).toString('latin1'));
  return keys.join('') + reports.rest().toString('latin1');
};

describe('what a terminal reports is no key', () => {
  it.each([
    ['the cursor', '\u001b[10;48R'],
    ['the cursor and its page', '\u001b[?10;48;1R'],
    ['what it is', '\u001b[?1;2c'],
    ['what it is in detail', '\u001b[>0;276;0c'],
    ['a mode', '\u001b[?2026;2$y'],
    ['the keyboard', '\u001b[?0u'],
    ['focus', '\u001b[I\u001b[O'],
    ['a colour', '\u001b]11;rgb:0000/0000/0000\u0007'],
    ['a colour, ended otherwise', '\u001b]10;rgb:ffff/ffff/ffff\u001b\\'],
    ['a termcap value', '\u001bP1+r544e=787465726d\u001b\\'],
  ])('%s', (_what, report) => {
    expect(keysOf(report)).toBe('');
    expect(keysOf(`a${report}b`)).toBe('ab');
    expect(keysOfBytes(`a${report}b`)).toBe('ab');
  });

  it.each([
    '\u001b[A',
    '\u001b[1;5D',
    '\u001b[3~',
    '\u001b[200~',
    '\u001bOR',
    '\u001b[F',
    '\u001bb',
    'R',
    '\u001b]',
    '\u001b[10;R',
  ])('but %j is', (keys) => {
    expect(keysOf(keys)).toBe(keys);
    expect(keysOfBytes(keys)).toBe(keys);
  });

  it('leaves bytes as they are', () => {
    const reports = new TerminalReports();
    const bytes = Buffer.from([0x61, 0xff, 0xc3, 0xa9]);
    expect(reports.keysOf(bytes)).toBe(bytes);
    const mixed = Buffer.concat([Buffer.from('\u001b[1;1R'), bytes]);
    expect(reports.keysOf(mixed)).toEqual(bytes);
  });

  it('keeps an escape key until it is clear what it begins', () => {
    const reports = new TerminalReports();
    expect(reports.keysOf(Buffer.from('a\u001b')).toString()).toBe('a');
    expect(reports.keysOf(Buffer.from('b')).toString()).toBe('\u001bb');
    expect(reports.keysOf(Buffer.from('\u001b')).toString()).toBe('');
    expect(reports.rest().toString()).toBe('\u001b');
    expect(reports.rest().toString()).toBe('');
  });
});
