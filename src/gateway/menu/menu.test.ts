import headless from '@xterm/headless';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMenu, type Menu, type MenuOptions } from './menu.ts';

const ASSETS: MenuOptions['assets'] = [
  { asset: 'web01', accounts: ['root'] },
  { asset: 'web02', accounts: ['root', 'app'] },
  { asset: 'db01', accounts: ['postgres'] },
];
const many = Array.from({ length: 45 }, (_, index) => ({ asset: `host${index + 1}`, accounts: ['root'] }));

const open = (options: Partial<MenuOptions> = {}): Menu =>
  createMenu({ assets: ASSETS, language: 'en', columns: 80, rows: 24, ...options });
const keys = (menu: Menu, text: string) => menu.input(Buffer.from(text));

/** What stands on a real terminal after the output. */
async function picture(output: string, columns = 80, rows = 24): Promise<readonly string[]> {
  const terminal = new headless.Terminal({
    cols: columns,
    rows,
    scrollback: 50,
    allowProposedApi: true,
    logLevel: 'off',
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  terminal.write(output, resolve);
  await promise;
  const { active } = terminal.buffer;
  const lines = Array.from(
    { length: active.length },
    (_, row) => active.getLine(row)?.translateToString(true).trimEnd() ?? '',
  );
  terminal.dispose();
  return lines;
}

describe('the screen', () => {
  it('lists assets with numbers and accounts', async () => {
    const lines = await picture(open().start());
    expect(lines.slice(0, 5)).toEqual([
      'Portcullis: choose an asset',
      '  No.  Asset  Accounts',
      '    1  web01  root',
      '    2  web02  root, app',
      '    3  db01   postgres',
    ]);
    expect(lines.slice(-3)).toEqual([
      'Page 1 of 1, 3 in all',
      'Type to search, a number or Enter to connect, n/p to turn pages, h for help, q…',
      '>',
    ]);
    expect(lines).toHaveLength(24);
  });

  it('speaks Chinese, with wide characters in line', async () => {
    const lines = await picture(open({ language: 'zh' }).start());
    expect(lines[0]).toBe('Portcullis：选择资产');
    expect(lines[1]).toBe('  序号  资产   账号');
    expect(lines[2]).toBe('     1  web01  root');
  });

  it.each([
    [80, 24],
    [200, 60],
    [40, 10],
    [20, 6],
    [10, 3],
  ])('fits %i columns and %i rows without wrapping or scrolling', async (columns, rows) => {
    const menu = open({ assets: [...ASSETS, { asset: 'x'.repeat(63), accounts: ['a'.repeat(64)] }] });
    menu.start();
    const lines = await picture(menu.resize(columns, rows), columns, rows);
    expect(lines.length).toBe(Math.max(rows, 6));
    expect(lines[0]?.startsWith('Portcul')).toBe(true);
  });

  it('shows hostile names as text', async () => {
    const lines = await picture(
      open({ assets: [{ asset: 'a\u001b[2Jb\u202e', accounts: ['r\r\nx'] }] }).start(),
    );
    expect(lines[2]).toContain(String.raw`a\x1b[2Jb\u{202e}`);
  });
});

describe('choosing', () => {
  it('connects by number', () => {
    expect(keys(open(), '3\r').choice).toEqual({ asset: 'db01', account: 'postgres' });
  });

  it('connects by exact name, and by text that fits one asset alone', () => {
    expect(keys(open(), 'web01\r').choice).toEqual({ asset: 'web01', account: 'root' });
    expect(keys(open(), 'DB\r').choice).toEqual({ asset: 'db01', account: 'postgres' });
    expect(keys(open(), 'postg\r').choice).toEqual({ asset: 'db01', account: 'postgres' });
  });

  it('asks for the account when there are several', async () => {
    const menu = open();
    const answer = keys(menu, '2\r');
    expect(answer.choice).toBeUndefined();
    const lines = await picture(answer.output);
    expect(lines.slice(0, 4)).toEqual([
      'Choose an account on web02',
      '  No.  Account',
      '    1  root',
      '    2  app',
    ]);
    expect(keys(menu, '2\r').choice).toEqual({ asset: 'web02', account: 'app' });
  });

  it('goes back from the accounts', () => {
    const menu = open();
    keys(menu, '2\rb\r');
    expect(keys(menu, '1\r').choice).toEqual({ asset: 'web01', account: 'root' });
  });

  it('searches while typing', async () => {
    const menu = open();
    const lines = await picture(keys(menu, 'web').output);
    expect(lines.slice(2, 5)).toEqual(['    1  web01  root', '    2  web02  root, app', '']);
    expect(lines.at(-1)).toBe('> web');
    expect(keys(menu, '\u001b[B\u0015').choice).toBeUndefined();
  });

  it('searches for what would be a number or a command', () => {
    const assets = [...many, { asset: 'q', accounts: ['root'] }];
    expect(keys(open({ assets }), '/q\r').choice).toEqual({ asset: 'q', account: 'root' });
    expect(
      keys(open({ assets: [...ASSETS, { asset: '1', accounts: ['root'] }] }), '/1\r').choice?.asset,
    ).toBe('1');
  });

  it('marks with the arrows', () => {
    expect(keys(open(), '\u001b[B\u001bOB\r').choice?.asset).toBe('db01');
    expect(keys(open(), '\u001b[B\u001b[A\r').choice?.asset).toBe('web01');
    const split = open();
    keys(split, '\u001b[');
    expect(keys(split, 'B\r').choice).toBeUndefined();
  });

  it('turns pages', async () => {
    const menu = open({ assets: many });
    menu.start();
    expect((await picture(keys(menu, 'n\r').output))[2]).toBe('   20  host20  root');
    expect((await picture(keys(menu, '\u001b[6~').output)).slice(2, 4)).toEqual([
      '   39  host39  root',
      '   40  host40  root',
    ]);
    expect((await picture(keys(menu, 'p\r').output))[2]).toBe('   20  host20  root');
    expect((await picture(keys(menu, '\u001b[D\u001b[D\u001b[D').output))[2]).toBe('    1  host1   root');
    expect(keys(menu, '45\r').choice?.asset).toBe('host45');
  });

  it('says when nothing fits', async () => {
    const menu = open();
    expect(await picture(keys(menu, 'nothing\r').output)).toContain('Nothing matches "nothing".');
    expect(await picture(keys(menu, '\u0015\u001b').output)).toContain('    1  web01  root');
    expect(await picture(keys(menu, '99\r').output)).toContain('There is no number 99 in the list.');
  });

  it('shows help and comes back', async () => {
    const menu = open();
    expect((await picture(keys(menu, 'h\r').output)).join('\n')).toContain('Ctrl-D');
    expect((await picture(keys(menu, '\r').output))[2]).toBe('    1  web01  root');
  });

  it.each(['q\r', 'quit\r', 'exit\r', 'Q\r', '\u0004', 'x\u007f\u0004', 'ab\u0015\u0004'])(
    'leaves on %j',
    (text) => {
      expect(keys(open(), text).quit).toBe(true);
    },
  );
});

it('takes any bytes, choosing only what is listed', () => {
  const token = fc.constantFrom(
    '\r',
    '\n',
    '\u001b',
    '[',
    'A',
    'B',
    '1',
    '2',
    '9',
    'w',
    'e',
    'b',
    'n',
    'p',
    'h',
    '/',
    '\u0003',
    '\u0015',
    '\u007f',
    '\u0000',
    '\u00ff',
    '中',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(token, fc.string())), fc.integer({ min: 0, max: 300 }), (tokens, size) => {
      const menu = open({ columns: size, rows: size });
      menu.start();
      for (const one of tokens) {
        const { choice, quit } = keys(menu, one);
        const entry = ASSETS.find(({ asset }) => asset === choice?.asset);
        expect(choice === undefined || entry?.accounts.includes(choice.account) === true).toBe(true);
        if (choice !== undefined || quit === true) return;
      }
    }),
  );
});
