import { expect, test } from 'vitest';
import { createEmulator } from './emulator.ts';
import { EmulatorFeed } from './emulator-feed.ts';
import { ScreenText } from './screen-text.ts';

test('rows that the emulator keeps above a screen are not on it', async () => {
  const emulator = createEmulator(10, 8);
  emulator.resize(10, 3);
  const { promise, resolve } = Promise.withResolvers<void>();
  new EmulatorFeed({ emulator, onGap: () => undefined, renew: () => emulator }).feed(
    [{ kind: 'output', bytes: Buffer.from(`\u001B[?1049h\u001B[H$ one\r\n$ ${'x'.repeat(34)}`) }],
    resolve,
  );
  await promise;
  const text = new ScreenText(emulator);
  // Else it would say nothing.
  expect(emulator.buffer.active.baseY).toBeGreaterThan(0);
  expect(text.cursorLine()).toBe('x'.repeat(26));
  expect(text.beforeCursor()).toBe('x'.repeat(26));
  expect(text.linesFrom('$ one')).toBeUndefined();
});
