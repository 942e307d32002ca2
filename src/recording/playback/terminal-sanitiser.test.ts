import { Terminal } from '@xterm/headless';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TerminalSanitiser } from './terminal-sanitiser.ts';

const ESC = '\u001B';

function sanitise(...pieces: readonly string[]): string {
  const sanitiser = new TerminalSanitiser();
  return pieces.map((piece) => sanitiser.push(piece)).join('');
}

describe('what passes', () => {
  it.each([
    ['text in any language', 'héllo 世界 👩‍🔧\r\n\tx\b\b'],
    ['colours', `${ESC}[1;31mred${ESC}[0m ${ESC}[38;2;1;2;3mtrue${ESC}[38:5:208mx${ESC}[m`],
    ['cursor movement', `${ESC}[5;10H${ESC}[A${ESC}[2B${ESC}[C${ESC}[3D${ESC}7${ESC}8${ESC}[s${ESC}[u`],
    ['erasing', `${ESC}[2J${ESC}[K${ESC}[1K${ESC}[3P${ESC}[L${ESC}[M${ESC}[X`],
    ['the screen of an editor', `${ESC}[?1049h${ESC}[?25l${ESC}[1;23r${ESC}[?7l${ESC}[?25h${ESC}[?1049l`],
    ['line drawing', `${ESC}(0lqqk${ESC}(B`],
    ['resets', `${ESC}[!p${ESC}c`],
  ])('%s', (_name, text) => {
    expect(sanitise(text)).toBe(text);
  });
});

describe('what is removed', () => {
  it.each([
    ['a window title', `${ESC}]0;owned\u0007`],
    ['a link', `${ESC}]8;;http://evil.test${ESC}\\`],
    ['writing to the clipboard', `${ESC}]52;c;ZXZpbA==\u0007`],
    ['a control string ended by C1', `${ESC}]0;x\u009C`],
    ['a C1 operating system command', '\u009D0;x\u0007'],
    ['a device control string', `${ESC}P$q"p${ESC}\\`],
    ['sixel graphics', `${ESC}Pq#0;2;0;0;0#0~~@@vv$${ESC}\\`],
    ['an application command', `${ESC}_Ga=T,f=100;AAAA${ESC}\\`],
    ['a privacy message', `${ESC}^x${ESC}\\`],
    ['device attributes', `${ESC}[c${ESC}[>c${ESC}[=c${ESC}[0c\u009Bc${ESC}Z`],
    ['status reports', `${ESC}[5n${ESC}[6n${ESC}[?6n${ESC}[?15n`],
    ['mode and setting requests', `${ESC}[?25$p${ESC}[4$p${ESC}[x${ESC}[1x${ESC}[>q${ESC}[1*y`],
    ['the answer-back', '\u0005'],
    ['window operations', `${ESC}[21t${ESC}[8;200;200t${ESC}[3;0;0t${ESC}[>1t`],
    ['printing', `${ESC}[5i${ESC}[?4i`],
    ['mouse and paste modes', `${ESC}[?1000h${ESC}[?1006h${ESC}[?2004h${ESC}[?1004h`],
    ['keyboard modes', `${ESC}[>4;2m${ESC}[>1u${ESC}[=5;1u${ESC}[?1h${ESC}=`],
    ['a mode hidden among harmless ones', `${ESC}[?25;1000h`],
    ['another size of the terminal', `${ESC}[?3h`],
    ['erasing what was scrolled away', `${ESC}[3J`],
    ['huge repetitions', `${ESC}[999999999b`],
    ['another character encoding', `${ESC}%@${ESC}%G`],
    ['eight-bit controls', `${ESC} G`],
    ['flow control, NUL and DEL', '\u0000\u0011\u0013\u007F'],
    ['overlong sequences', `${ESC}[${'1;'.repeat(500)}m`],
  ])('%s', (_name, sequence) => {
    expect(sanitise(`a${sequence}b`)).toBe('ab');
  });

  it('is not what follows an unknown title sequence: it stays visible', () => {
    expect(sanitise(`${ESC}khidden${ESC}\\`)).toBe('hidden');
  });

  it('cannot swallow the rest of a recording', () => {
    const rest = 'x'.repeat(20_000);
    expect(sanitise(`${ESC}]0;${rest}visible`)).toContain('visible');
    expect(sanitise(`${ESC}Pq${'x'.repeat(1_100_000)}visible`)).toContain('visible');
  });

  it('ends where a sequence is broken off', () => {
    expect(sanitise(`${ESC}]0;x\u0018seen`)).toBe('seen');
    expect(sanitise(`${ESC}[12\u001Aseen`)).toBe('seen');
    expect(sanitise(`${ESC}[12${ESC}[1mseen`)).toBe(`${ESC}[1mseen`);
    expect(sanitise(`${ESC}]0;x${ESC}[1mseen`)).toBe(`${ESC}[1mseen`);
    expect(sanitise(`${ESC}[1\n;31mx`)).toBe(`\n${ESC}[1;31mx`);
  });
});

const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '[',
        ']',
        'P',
        '\\',
        '_',
        '^',
        'X',
        'k',
        'c',
        'n',
        't',
        'm',
        'h',
        'l',
        'q',
        'p',
        'y',
        'i',
        'u',
        'b',
        'J',
        'H',
        '?',
        '>',
        '=',
        '!',
        '$',
        '"',
        ' ',
        '*',
        ';',
        ':',
      ),
      fc.constantFrom(
        ESC,
        '\u0007',
        '\u009B',
        '\u009C',
        '\u009D',
        '\u0090',
        '\u009F',
        '\u0005',
        '\u0018',
        '\u001A',
        '\u000E',
        '\u007F',
      ),
      fc.constantFrom('0', '1', '5', '6', '25', '52', '1000', '2004', '99999'),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''));

describe('for any input', () => {
  it('the result does not depend on how the input is cut', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const whole = sanitise(text);
        expect(sanitise(...Array.from(text))).toBe(whole);
        for (let at = 0; at <= text.length; at++)
          expect(sanitise(text.slice(0, at), text.slice(at))).toBe(whole);
      }),
      { numRuns: 300 },
    );
  });

  it('the result passes again unchanged', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const once = sanitise(text);
        expect(sanitise(once)).toBe(once);
      }),
      { numRuns: 2_000 },
    );
  });

  it('a real terminal never answers, and hears no title, link or device control', async () => {
    const terminal = new Terminal({ allowProposedApi: true, cols: 80, rows: 24, logLevel: 'off' });
    const heard: string[] = [];
    terminal.onData((data) => heard.push(`answer ${JSON.stringify(data)}`));
    terminal.onBinary((data) => heard.push(`answer ${JSON.stringify(data)}`));
    terminal.onTitleChange((title) => heard.push(`title ${title}`));
    for (const id of [0, 1, 2, 4, 7, 8, 9, 10, 11, 12, 52, 104, 777, 1337]) {
      terminal.parser.registerOscHandler(id, () => heard.push(`osc ${String(id)}`) > 0);
    }
    for (const final of 'pqrstuvwxyz{|}') {
      terminal.parser.registerDcsHandler({ final }, () => heard.push(`dcs ${final}`) > 0);
      terminal.parser.registerDcsHandler(
        { intermediates: '$', final },
        () => heard.push(`dcs $${final}`) > 0,
      );
    }
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        await new Promise<void>((resolve) => {
          terminal.write(`${sanitise(text)}${ESC}\\`, resolve);
        });
        expect(heard).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
    // The terminal does answer: without the sanitiser the same input is heard.
    await new Promise<void>((resolve) => {
      terminal.write(`${ESC}[c${ESC}]0;x\u0007`, resolve);
    });
    expect(heard.length).toBeGreaterThan(1);
    terminal.dispose();
  });
});
