import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ArchiveQuery } from '#archive/archive.ts';
import { type EventFields, type EventRecord, makeEvent } from '#contract/event.ts';
import type { EventType } from '#contract/event-catalogue.ts';
import { newId } from '#lib/ids.ts';
import { ArchiveBed } from './archive-bed.ts';

const T0 = Date.UTC(2026, 10, 22, 8);

function event(type: EventType, minute: number, fields: EventFields): EventRecord {
  const time = T0 + minute * 60_000;
  return makeEvent(type, newId(time), time, fields);
}

const EVENTS = {
  login: event('login.succeeded', 0, { user: 'alice', address: '192.0.2.7', port: 50_022, session: 's-1' }),
  denied: event('command.denied', 1, {
    user: 'alice',
    asset: 'Web01',
    account: 'root',
    session: 's-1',
    channel: 'c-1',
    command: 'cat /etc/shadow',
    message: 'Command `cat /etc/shadow` is forbidden',
    data: { rule: 'no-shadow', nested: { list: [1, 2.5, null, true, 'x'] } },
  }),
  allowed: event('command.allowed', 2, { user: 'Bob', asset: 'db01', session: 's-2', command: 'sudo su -' }),
  foreign: event('foreign.unparsed', 3, {
    source: 'jumpserver-1',
    realm: 'jumpserver-1',
    raw: '<14>jump01 jms: {"user": "Alice Li(alice)", "asset": "10.0.0.5"}',
  }),
  changed: event('object.updated', 4, {
    actor: 'carol',
    offense: 'o-1',
    data: { note: 'Größe 删除用户 done' },
  }),
  tick: event('tick', 5, {}),
} as const;
type Name = keyof typeof EVENTS;

describe('search', () => {
  let bed: ArchiveBed;
  beforeAll(async () => {
    bed = await ArchiveBed.create();
    await bed.stream.publish(Object.values(EVENTS));
    await bed.settle();
  });
  afterAll(() => bed[Symbol.asyncDispose]());

  const found = async (query: Partial<ArchiveQuery>): Promise<readonly string[]> => {
    const events = await bed.archive.search({ limit: 100, ...query });
    const names = new Map(Object.entries(EVENTS).map(([name, { id }]) => [id, name]));
    return events.map(({ id }) => names.get(id) ?? id);
  };

  test('without conditions gives everything as it was published, newest first', async () => {
    const events = await bed.archive.search({ limit: 100 });
    expect(events).toEqual(Object.values(EVENTS).toReversed());
  });

  test.each<[Partial<ArchiveQuery>, readonly Name[]]>([
    [{ user: 'alice' }, ['denied', 'login']],
    [{ user: 'ALICE' }, ['denied', 'login']],
    [{ user: 'bob' }, ['allowed']],
    [{ user: 'ali' }, []],
    [{ asset: 'web01' }, ['denied']],
    [{ session: 's-1' }, ['denied', 'login']],
    [{ session: 'S-1' }, []],
    [{ address: '192.0.2.7' }, ['login']],
    [{ type: 'command.denied' }, ['denied']],
    [{ type: 'command.*' }, ['allowed', 'denied']],
    [{ type: 'command' }, []],
    [{ type: 'comm.*' }, []],
    [{ sinceMs: T0 + 4 * 60_000 }, ['tick', 'changed']],
    [{ untilMs: T0 + 60_000 }, ['login']],
    [{ sinceMs: T0 + 60_000, untilMs: T0 + 120_000 }, ['denied']],
    [{ limit: 2 }, ['tick', 'changed']],
    [{ user: 'alice', type: 'login.*', limit: 1 }, ['login']],
    [{ user: 'alice', asset: 'db01' }, []],
    [{ types: ['login.succeeded', 'tick'] }, ['tick', 'login']],
    [{ types: [] }, []],
    [{ realm: 'jumpserver-1' }, ['foreign']],
    [{ realm: 'gateway', types: ['foreign.unparsed'] }, []],
    [{ id: EVENTS.denied.id }, ['denied']],
    [{ id: 'not-an-id' }, []],
    [{ id: newId(), user: 'alice' }, []],
  ])('%j', async (query, expected) => {
    expect(await found(query)).toEqual(expected);
  });

  test.each<[string, readonly Name[]]>([
    ['shadow', ['denied']],
    ['SHADOW', ['denied']],
    ['shado', []],
    ['/etc/shadow', ['denied']],
    ['shadow/etc', []],
    ['alice', ['foreign', 'denied', 'login']],
    ['alice root', ['denied']],
    ['"alice root"', []],
    ['"Alice Li"', ['foreign']],
    ['10.0.0.5', ['foreign']],
    ['10.0.5.0', []],
    ['su', ['allowed']],
    ['"sudo su"', ['allowed']],
    ['192.0.2.7', ['login']],
    ['no-shadow', ['denied']],
    ['carol', ['changed']],
    ['删除', ['changed']],
    ['größe', ['changed']],
    ['GRÖSSE', []],
    ['done 用户', ['changed']],
    ['`cat', ['denied']],
    ['', ['tick', 'changed', 'foreign', 'allowed', 'denied', 'login']],
    ['   ', ['tick', 'changed', 'foreign', 'allowed', 'denied', 'login']],
  ])('text %j', async (text, expected) => {
    expect(await found({ text })).toEqual(expected);
  });

  test('events are counted by session', async () => {
    const counted = (sessions: readonly string[], sinceMs = T0): Promise<ReadonlyMap<string, number>> =>
      bed.archive.countBySession({ sessions, types: ['command.denied', 'login.succeeded'], sinceMs });
    expect([...(await counted(['s-1', 's-2', 'none']))]).toEqual([['s-1', 2]]);
    expect([...(await counted(['s-1'], T0 + 1))]).toEqual([['s-1', 1]]);
    expect([...(await counted([]))]).toEqual([]);
    const many = Array.from({ length: 999 }, () => newId());
    expect([...(await counted([...many, 's-1']))]).toEqual([['s-1', 2]]);
  });

  test('at most 10,000 events come back, however many are asked for', async () => {
    await bed.stream.publish(Array.from({ length: 10_050 }, (_, second) => event('tick', second, {})));
    await bed.settle();
    expect(await bed.archive.search({ limit: 1_000_000 })).toHaveLength(10_000);
    expect(await bed.archive.search({ limit: 0 })).toHaveLength(1);
  });
});
