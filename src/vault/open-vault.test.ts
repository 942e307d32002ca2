import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '#lib/secret.ts';
import { openVault, type KeyedVault } from './open-vault.ts';
import { rekeyPlaces, type SealedPlace } from './rekey.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vault-'));
});
afterEach(() => rm(folder, { recursive: true }));

const keyFile = (): string => join(folder, 'master.key');
const fresh = (): Promise<KeyedVault> => openVault({ keyFile: keyFile(), createIfMissing: true });
const ENV_KEY = 'q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k=';

describe('sealing', () => {
  it('opens what it sealed, and only under the same context', async () => {
    const vault = await openVault({
      keyFile: keyFile(),
      masterKey: new Secret(ENV_KEY),
      createIfMissing: false,
    });
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), fc.string(), (text, context, suffix) => {
        const wellFormed = text.toWellFormed();
        const sealed = vault.seal(new Secret(wellFormed), context);
        expect(vault.openText(sealed, context).expose()).toBe(wellFormed);
        expect(() => vault.openText(sealed, `${context}${suffix}x`)).toThrow(/does not open/);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const opened = vault.openBytes(vault.seal(new Secret(bytes), 'c'), 'c').expose();
        expect(Buffer.from(opened).equals(Buffer.from(bytes))).toBe(true);
      }),
    );
  });

  it('refuses a sealed text of which any character was changed', async () => {
    const vault = await fresh();
    const sealed = vault.seal(new Secret('correct horse'), 'account:1');
    for (let at = 0; at < sealed.length; at++) {
      const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1);
      expect(() => vault.openText(changed, 'account:1')).toThrow(
        expect.objectContaining({ code: 'E_VAULT_KEY' }),
      );
    }
  });

  it('never throws anything but its own error on arbitrary text', async () => {
    const vault = await fresh();
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => vault.openText(text, 'c')).toThrow(expect.objectContaining({ code: 'E_VAULT_KEY' }));
        expect(vault.needsRekey(text)).toBe(true);
      }),
    );
  });

  it('never seals the same secret to the same text', async () => {
    const vault = await fresh();
    const texts = Array.from({ length: 100 }, () => vault.seal(new Secret('x'), 'c'));
    expect(new Set(texts).size).toBe(100);
  });

  it('prints no key and no secret', async () => {
    const vault = await fresh();
    const key = (await readFile(keyFile(), 'utf8')).trim().split(/\s/).at(-1) ?? '';
    const opened = vault.openText(vault.seal(new Secret('hunter2'), 'c'), 'c');
    const printed = [
      inspect(vault, { depth: 9, showHidden: true }),
      JSON.stringify(vault),
      inspect(opened),
      String(opened),
    ];
    expect(key).toHaveLength(44);
    for (const text of printed) {
      expect(text).not.toContain('hunter2');
      expect(text).not.toContain(key);
    }
  });
});

describe('the key file', () => {
  it('is made once, complete, for its owner alone', async () => {
    const first = await fresh();
    expect((await stat(keyFile())).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['master.key']);
    const sealed = first.seal(new Secret('x'), 'c');
    const second = await openVault({ keyFile: keyFile(), createIfMissing: false });
    expect(second.openText(sealed, 'c').expose()).toBe('x');
  });

  it('is made by one of two that start at once', async () => {
    const outcomes = await Promise.allSettled([fresh(), fresh(), fresh()]);
    const opened = outcomes
      .filter((outcome) => outcome.status === 'fulfilled')
      .map(({ value }) => value.currentKeyId);
    expect(new Set(opened).size).toBe(1);
    expect(await readFile(keyFile(), 'utf8')).toContain(opened[0]);
  });

  it('is not made anew when secrets depend on the lost one', async () => {
    const opening = openVault({ keyFile: keyFile(), createIfMissing: false });
    await expect(opening).rejects.toMatchObject({
      code: 'E_VAULT_KEY',
      message: expect.stringContaining('Restore it'),
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([0o640, 0o604, 0o660, 0o620])('is refused with mode %o, and the remedy is named', async (mode) => {
    await fresh();
    await chmod(keyFile(), mode);
    await expect(fresh()).rejects.toMatchObject({
      code: 'E_VAULT_KEY',
      message: expect.stringContaining(`chmod 600 '${keyFile()}'`),
    });
  });

  it.runIf(process.geteuid?.() === 0)('is refused when it belongs to somebody else', async () => {
    await fresh();
    const { chown } = await import('node:fs/promises');
    await chown(keyFile(), 12_345, 12_345);
    await expect(fresh()).rejects.toMatchObject({
      code: 'E_VAULT_KEY',
      message: expect.stringContaining('chown 0'),
    });
  });

  it('may be reached over a link, whose target is checked', async () => {
    await fresh();
    const link = join(folder, 'link.key');
    await symlink(keyFile(), link);
    expect((await openVault({ keyFile: link, createIfMissing: false })).keyIds).toHaveLength(1);
    await chmod(keyFile(), 0o644);
    await expect(openVault({ keyFile: link, createIfMissing: false })).rejects.toMatchObject({
      code: 'E_VAULT_KEY',
    });
  });

  it.each([
    ['nothing', ''],
    ['only comments', '# nothing\n'],
    ['no key after the id', '0011223344556677\n'],
    ['a short key', '0011223344556677 AAAA\n'],
    ['an id of another key', `0011223344556677 ${ENV_KEY}\n`],
  ])('is refused when it holds %s', async (_name, content) => {
    await writeFile(keyFile(), content, { mode: 0o600 });
    await expect(fresh()).rejects.toMatchObject({ code: 'E_VAULT_KEY' });
  });

  it('is refused when it is huge or a folder', async () => {
    await writeFile(keyFile(), Buffer.alloc(100_000), { mode: 0o600 });
    await expect(fresh()).rejects.toMatchObject({ code: 'E_VAULT_KEY' });
    await expect(openVault({ keyFile: folder, createIfMissing: true })).rejects.toMatchObject({
      code: 'E_VAULT_KEY',
    });
  });
});

describe('the key from the environment', () => {
  it.each(['', 'short', `${ENV_KEY}x`, ENV_KEY.slice(2), `${ENV_KEY},`, `${ENV_KEY},${ENV_KEY}`])(
    'is refused when it is %j',
    async (text) => {
      const opening = openVault({ keyFile: keyFile(), masterKey: new Secret(text), createIfMissing: true });
      await expect(opening).rejects.toMatchObject({ code: 'E_VAULT_KEY' });
    },
  );

  it('leaves the file alone and cannot be added to', async () => {
    const vault = await openVault({
      keyFile: keyFile(),
      masterKey: new Secret(ENV_KEY),
      createIfMissing: true,
    });
    expect(await readdir(folder)).toEqual([]);
    await expect(vault.addKey()).rejects.toMatchObject({ code: 'E_VAULT_KEY' });
    expect(vault.keyIds).toHaveLength(1);
  });
});

describe('changing the master key', () => {
  function memoryPlace(rows: Map<string, string>): SealedPlace {
    return {
      name: 'things',
      context: (id) => `thing:${id}`,
      page: (afterId) =>
        Promise.resolve(
          [...rows]
            .map(([id, sealed]) => ({ id, sealed }))
            .filter(({ id }) => id > afterId)
            .sort((a, b) => (a.id < b.id ? -1 : 1))
            .slice(0, 7),
        ),
      replace: (changes) => {
        const fitting = changes.filter(({ id, sealed }) => rows.get(id) === sealed);
        for (const { id, resealed } of fitting) rows.set(id, resealed);
        return Promise.resolve(fitting.length);
      },
    };
  }

  it('seals everything anew and lets the old key be retired', async () => {
    const vault = await fresh();
    const rows = new Map(
      Array.from({ length: 30 }, (_, n) => [`id${String(n).padStart(2, '0')}`, n] as const).map(([id, n]) => [
        id,
        vault.seal(new Secret(`secret ${String(n)}`), `thing:${id}`),
      ]),
    );
    const oldKey = vault.currentKeyId;
    const newKey = await vault.addKey();
    expect([...rows.values()].every((sealed) => vault.needsRekey(sealed))).toBe(true);
    expect(vault.openText(rows.get('id03') ?? '', 'thing:id03').expose()).toBe('secret 3');

    expect(await vault.retireKeys(new Set([oldKey]))).toEqual([]);
    expect(await rekeyPlaces(vault, [memoryPlace(rows)])).toEqual({
      resealed: { things: 30 },
      keysInUse: [newKey],
    });
    expect(await rekeyPlaces(vault, [memoryPlace(rows)])).toEqual({
      resealed: { things: 0 },
      keysInUse: [newKey],
    });
    expect(await vault.retireKeys(new Set([newKey]))).toEqual([oldKey]);

    const reopened = await fresh();
    expect(reopened.keyIds).toEqual([newKey]);
    for (const [id, sealed] of rows) {
      expect(reopened.openText(sealed, `thing:${id}`).expose()).toBe(`secret ${String(Number(id.slice(2)))}`);
    }
  });

  it('never retires the current key, and keeps every key added at once', async () => {
    const vault = await fresh();
    await Promise.all([vault.addKey(), vault.addKey(), vault.addKey()]);
    expect((await fresh()).keyIds).toEqual(vault.keyIds);
    expect(vault.keyIds).toHaveLength(4);
    await vault.retireKeys(new Set());
    expect((await fresh()).keyIds).toEqual([vault.currentKeyId]);
  });
});
