import { expect, test } from 'vitest';
import { makeEvent, type EventFields } from '#contract/event.ts';
import type { EventType } from '#contract/event-catalogue.ts';
import { RecentLogins } from './recent-logins.ts';

const HOUR_MS = 3_600_000;
const FIELDS: EventFields = { user: 'Alice', address: '2001:db8::1' };
const event = (timeMs: number, fields = FIELDS, type: EventType = 'login.succeeded') =>
  makeEvent(type, `id-${timeMs}`, timeMs, fields);

test('a login is written once an hour for each person and block', () => {
  const logins = new RecentLogins();
  const first = logins.pick(event(0));
  expect(first).toEqual({ address: '2001:db8::/64', person: 'gateway:alice', timeMs: 0 });
  // Until it is stored it is asked for again.
  expect(logins.pick(event(1))).toBeDefined();
  logins.written(first === undefined ? [] : [first]);
  expect(logins.pick(event(HOUR_MS - 1, { user: 'alice', address: '2001:db8::2' }))).toBeUndefined();
  expect(logins.pick(event(1, { user: 'bob', address: '2001:db8::2' }))).toBeDefined();
  expect(logins.pick(event(1, { user: 'alice', address: '2001:db8:0:1::2' }))).toBeDefined();
  expect(logins.pick(event(HOUR_MS))).toBeDefined();
});

test('what is no login at our own gateway is none', () => {
  const logins = new RecentLogins();
  expect(logins.pick(event(0, FIELDS, 'login.failed'))).toBeUndefined();
  expect(logins.pick(event(0, { ...FIELDS, source: 'jumpserver-1' }))).toBeUndefined();
  expect(logins.pick(event(0, { user: 'alice' }))).toBeUndefined();
  expect(logins.pick(event(0, { address: '192.0.2.1' }))).toBeUndefined();
});
