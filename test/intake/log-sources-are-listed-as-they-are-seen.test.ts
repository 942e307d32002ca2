import { afterAll, describe, expect, test } from 'vitest';
import type { SyslogMessage } from '#domain/syslog/message.ts';
import { writtenLine } from '#domain/syslog/written-line.ts';
import { createNormaliser } from '#domain/normalise/normaliser.ts';
import { Sources } from '#intake/sources/sources.ts';
import { newId } from '#lib/ids.ts';
import { insertLogSource, readLogSources, confirmLogSource } from '#state/log-sources.ts';
import { SHIPPED } from '../normalise/shipped-types.ts';
import { stateBackends } from '../state/backends.ts';

const normalise = createNormaliser({ types: () => SHIPPED, newId });

function from(address: string, line: string, receivedAtMs: number): SyslogMessage {
  return { ...writtenLine(line, receivedAtMs), peer: { address, port: 1, transport: 'udp' } };
}

const { backends, close } = await stateBackends();
afterAll(close);

describe.each(backends)('on $name', (backend) => {
  const take = (sources: Sources, message: SyslogMessage): string => {
    const source = sources.find(message);
    const events = normalise(message, source.origins.udp);
    sources.count(source, message, events);
    return source.name;
  };

  test('a new source is listed at once, unconfirmed, and what came of it is counted', async () => {
    await using opened = await backend.open();
    const { state } = opened;
    let nowMs = 1_000_000;
    const sources = new Sources({ state, clock: () => nowMs });
    await sources.reload();
    expect(take(sources, from('192.0.2.7', '<14>jumpserver: Not Found: /x', nowMs))).toBe('192.0.2.7');
    expect(
      take(sources, from('192.0.2.7', '<38>Nov 26 10:00:00 Web01 sshd[4]: Connection closed', nowMs)),
    ).toBe('web01_192.0.2.7');
    await sources.note();
    take(sources, from('192.0.2.7', '<14>jumpserver: Not Found: /y', nowMs));
    await sources.note();
    expect((await readLogSources(state.reader)).map(({ name, messages }) => [name, messages])).toEqual([
      ['192.0.2.7', 1],
      ['web01_192.0.2.7', 1],
    ]);
    nowMs += 10_000;
    await sources.note();
    const [first] = await readLogSources(state.reader);
    expect(first).toMatchObject({
      name: '192.0.2.7',
      host: '',
      confirmedAt: null,
      messages: 2,
      failures: 2,
      ratePerMinute: 6,
      types: '{"jumpserver":2}',
    });
    const emitted = await state.reader.selectFrom('event_outbox').select('event').execute();
    expect(emitted.map(({ event }) => (JSON.parse(event) as { type: string }).type)).toEqual([
      'log_source.found',
      'log_source.found',
    ]);
  });

  test('the most exact entry decides, and only a confirmed one is believed', async () => {
    await using opened = await backend.open();
    const { state } = opened;
    const add = (name: string, address: string, host: string, app: string, realm = name): Promise<boolean> =>
      state.transact((tx) =>
        insertLogSource(tx, { id: name, name, address, host, app, realm, confirmedBy: 'root' }, 1),
      );
    await add('net', '198.51.100.0/24', '*', '*');
    await add('relay', '198.51.100.9', '*', '*');
    await add('jms', '198.51.100.9', '*', 'jumpserver', 'jumpserver-1');
    await add('db', '198.51.100.9', 'db01', '*');
    const sources = new Sources({ state, clock: () => 0 });
    await sources.reload();
    const name = (address: string, line: string): string => sources.find(from(address, line, 0)).name;
    expect(name('198.51.100.77', '<14>x: y')).toBe('net');
    expect(name('198.51.100.9', '<14>x: y')).toBe('relay');
    expect(name('198.51.100.9', '<14>jumpserver: y')).toBe('jms');
    expect(name('198.51.100.9', '<14>Nov 26 10:00:00 DB01 jumpserver: y')).toBe('db');
    expect(name('203.0.113.1', '<14>jumpserver: y')).toBe('203.0.113.1');
    expect(sources.find(from('198.51.100.9', '<14>jumpserver: y', 0)).origins.udp).toEqual({
      source: 'jms',
      realm: 'jumpserver-1',
      intake: { confirmed: true, transport: 'udp' },
    });
    expect(sources.find(from('203.0.113.1', '<14>jumpserver: y', 0)).isConfirmed).toBe(false);
  });

  test('a host name in a line cannot be taken for another source, whatever it is', async () => {
    await using opened = await backend.open();
    const { state } = opened;
    const sources = new Sources({ state, clock: () => 0 });
    const names = [
      'web01_192.0.2.7',
      'gateway',
      'a'.repeat(255),
      `${'a'.repeat(254)}b`,
      'x:y',
      '..',
      'Ä',
    ].map((host) => sources.find({ ...from('203.0.113.66', '<14>x: y', 0), hostname: host }).name);
    expect(new Set(names).size).toBe(names.length);
    for (const one of names) {
      expect(one).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$/);
      expect(one.endsWith('_203.0.113.66')).toBe(true);
    }
    expect(sources.find(from('2001:db8::7', '<14>x: y', 0)).name).toBe('ip6-2001-db8--7');
  });

  test('the list of unconfirmed sources is bounded; confirmed ones and those that still send stay', async () => {
    await using opened = await backend.open();
    const { state } = opened;
    let nowMs = 5_000_000;
    const sources = new Sources({ state, clock: () => nowMs, maxUnconfirmed: 3 });
    await sources.reload();
    for (const last of [1, 2, 3]) take(sources, from(`192.0.2.${last}`, '<14>x: y', nowMs));
    await sources.note();
    const known = await readLogSources(state.reader);
    await state.transact((tx) => confirmLogSource(tx, known[0]?.id ?? '', { realm: 'r', by: 'root', nowMs }));
    for (const last of [4, 5]) take(sources, from(`192.0.2.${last}`, '<14>x: y', nowMs));
    await sources.note();
    expect((await readLogSources(state.reader)).map(({ name }) => name)).toEqual([
      '192.0.2.1',
      '192.0.2.2',
      '192.0.2.3',
      '192.0.2.4',
    ]);
    expect(sources.unlisted).toBe(1);
    nowMs += 25 * 3_600_000;
    take(sources, from('192.0.2.2', '<14>x: y', nowMs));
    await sources.note();
    take(sources, from('192.0.2.6', '<14>x: y', nowMs));
    await sources.note();
    expect((await readLogSources(state.reader)).map(({ name }) => name)).toEqual([
      '192.0.2.1',
      '192.0.2.2',
      '192.0.2.6',
    ]);
  });

  test('what cannot be stored is counted the next time', async () => {
    await using opened = await backend.open();
    const { state } = opened;
    let isDown = true;
    const sources = new Sources({
      clock: () => 0,
      state: {
        reader: state.reader,
        transact: (work) => (isDown ? Promise.reject(new Error('away')) : state.transact(work)),
      },
    });
    await sources.reload();
    take(sources, from('192.0.2.1', '<14>x: y', 0));
    await expect(sources.note()).rejects.toThrow('away');
    take(sources, from('192.0.2.1', '<14>x: y', 0));
    isDown = false;
    await sources.note(true);
    expect((await readLogSources(state.reader)).map(({ messages }) => messages)).toEqual([2]);
  });
});
