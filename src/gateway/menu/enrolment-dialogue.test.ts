import { decodeQR } from 'qr/decode.js';
import { expect, test } from 'vitest';
import { EnrolmentDialogue } from './enrolment-dialogue.ts';
import { qrForTerminal } from './qr-code.ts';

const URI = 'otpauth://totp/Portcullis:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Portcullis';
const open = (isDemanded = false): EnrolmentDialogue =>
  new EnrolmentDialogue({ language: 'en', uri: URI, secret: 'GEZD GNBV', isDemanded });
const keys = (dialogue: EnrolmentDialogue, text: string) => dialogue.input(Buffer.from(text));

/** What a camera would see: eight pixels for each half of a character cell. */
function photograph(lines: readonly string[]): { width: number; height: number; data: Uint8Array } {
  const cells = lines.map((line) => Array.from(line.replaceAll(/\u001B\[[0-9;]*m/g, '')));
  const size = 8;
  const width = (cells[0]?.length ?? 0) * size;
  const height = cells.length * 2 * size;
  const data = new Uint8Array(width * height * 4).fill(255);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const row = Math.floor(y / size);
      const cell = cells[Math.floor(row / 2)]?.[Math.floor(x / size)];
      const isDark = cell === '█' || cell === (row % 2 === 0 ? '▀' : '▄');
      if (isDark) data.fill(0, (y * width + x) * 4, (y * width + x) * 4 + 3);
    }
  return { width, height, data };
}

test('the code on the terminal is read by a QR reader as the address', () => {
  expect(decodeQR(photograph(qrForTerminal(URI)))).toBe(URI);
});

test('the dialogue fits a terminal of 80 columns', () => {
  const widths = open(true)
    .start()
    .split('\r\n')
    .map((line) => line.replaceAll(/\u001B\[[0-9;]*m/g, '').length);
  expect(Math.max(...widths)).toBeLessThanOrEqual(100);
  expect(widths[0]).toBeLessThan(60);
});

test('a code is typed, corrected and entered', () => {
  expect(keys(open(), '123x\u007F456\r')).toMatchObject({ code: '123456' });
});

test('after five wrong codes it is over', () => {
  const dialogue = open();
  const answers = Array.from({ length: 5 }, () => {
    expect(keys(dialogue, '000000\r').code).toBe('000000');
    return dialogue.refused().done ?? false;
  });
  expect(answers).toEqual([false, false, false, false, true]);
});

test('Ctrl-C ends it without a code', () => {
  expect(keys(open(), '123\u0003')).toMatchObject({ done: true });
  expect(keys(open(), '123\u0003').code).toBeUndefined();
});

test('the recovery codes stay until Enter', () => {
  const dialogue = open();
  keys(dialogue, '123456\r');
  expect(dialogue.accepted(['abcd-efgh']).output).toContain('abcd-efgh');
  expect(keys(dialogue, 'x').done).toBeUndefined();
  expect(keys(dialogue, '\r').done).toBe(true);
});
