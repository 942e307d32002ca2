import { expect, test } from 'vitest';
import { makeEvent, type EventFields, type EventRecord } from '#contract/event.ts';
import type { EventType } from '#contract/event-catalogue.ts';
import { judgeBastionLogs, type BastionLogs } from './judge-bastion-logs.ts';

const event = (type: EventType, fields: EventFields = {}): EventRecord =>
  makeEvent(type, 'an-id', 1000, { realm: 'jumpserver-1', source: 'jumpserver-1', ...fields });
const times = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const login = (fields: EventFields = {}): EventRecord =>
  event('login.succeeded', {
    user: 'alice',
    address: '203.0.113.9',
    channel: 'ssh',
    data: { method: 'password', backend: 'Password', userAgent: 'Go-http-client/1.1' },
    ...fields,
  });
const command = event('command.allowed', { command: 'ls' });
const judge = (logs: Partial<BastionLogs>): ReturnType<typeof judgeBastionLogs> =>
  judgeBastionLogs('jumpserver-1', { logins: [], sessions: [], commands: [], ...logs });

test('logs that tell everything are well, and so are none', () => {
  expect(judge({})).toMatchObject({ name: 'logs of jumpserver-1', status: 'ok' });
  const sessions = times(9, () => event('session.ended', { data: { hasCommand: true } }));
  expect(judge({ logins: [login()], sessions, commands: [command] })).toMatchObject({ status: 'ok' });
});

test('sessions without commands tell of a storage that does not pass on', () => {
  const sessions = times(5, () => event('session.started'));
  expect(judge({ sessions })).toMatchObject({
    status: 'warning',
    detail: '5 sessions were seen and not one command',
    advice: expect.stringContaining('Elasticsearch') as string,
  });
  expect(judge({ sessions: sessions.slice(1) }), 'people may just have looked').toMatchObject({
    status: 'ok',
  });
  const one = [event('session.ended', { data: { hasCommand: true } })];
  expect(judge({ sessions: one }), 'JumpServer says that it had some').toMatchObject({ status: 'warning' });
});

test.each(['127.0.0.1', '127.0.0.53', '::1'])('a login from %s has lost its address', (address) => {
  expect(judge({ logins: [login(), login({ address })] })).toMatchObject({
    status: 'warning',
    detail: '1 of 2 logins come from the bastion itself',
  });
});

test('a component that opens web pages has lost the address of a person', () => {
  const data = { method: 'password', backend: 'Password', userAgent: 'python-requests/2.18.4' };
  expect(judge({ logins: [login({ channel: 'web', data })] })).toMatchObject({ status: 'warning' });
  expect(judge({ logins: [login({ data })] }), 'on the way of ssh it is at home').toMatchObject({
    status: 'ok',
  });
});

test('one address for many people is that of something in between', () => {
  const logins = times(20, (index) => login({ user: `user${index % 5}`, address: '10.0.0.1' }));
  expect(judge({ logins })).toMatchObject({
    status: 'warning',
    detail: 'all 20 logins of 5 people come from 10.0.0.1',
  });
  expect(judge({ logins: logins.slice(1) })).toMatchObject({ status: 'ok' });
  expect(judge({ logins: [...logins, login()] })).toMatchObject({ status: 'ok' });
  expect(judge({ logins: logins.map((one) => ({ ...one, user: 'alice' })) })).toMatchObject({ status: 'ok' });
});

test('a way of logging in under a label of another language is named', () => {
  const by = (backend: string): EventRecord => login({ data: { method: 'other', backend } });
  expect(judge({ logins: [by('Contraseña'), by('Senha'), by('Senha')] })).toMatchObject({
    status: 'warning',
    detail: 'ways of logging in that are not known: Contraseña, Senha',
  });
  expect(judge({ logins: [by('OpenID'), by('')] })).toMatchObject({ status: 'ok' });
});

test('commands without their middle are counted, beside what else is wrong', () => {
  const cut = event('command.allowed', { data: { commandCut: true } });
  expect(judge({ commands: [command, cut], logins: [login({ address: '::1' })] })).toMatchObject({
    status: 'warning',
    detail: '1 of 1 logins come from the bastion itself; 1 of 2 commands came without their middle',
  });
});
