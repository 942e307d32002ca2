import { once } from 'node:events';
import { connect } from 'node:net';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ArchiveBed } from './archive-bed.ts';

let bed: ArchiveBed;
beforeAll(async () => {
  bed = await ArchiveBed.create();
});
afterAll(() => bed[Symbol.asyncDispose]());

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

test('a request without the password is refused, whatever it asks', async () => {
  const { url, username, password } = bed.engine;
  const wrong: readonly Record<string, string>[] = [
    {},
    { Authorization: basic(username, '') },
    { Authorization: basic('default', password.expose()) },
    { Authorization: basic(username, password.expose().slice(1)) },
    { Authorization: `Bearer ${password.expose()}` },
    { 'X-ClickHouse-User': username, 'X-ClickHouse-Key': password.expose() },
  ];
  for (const headers of wrong) {
    for (const path of ['/ping', '/?query=SELECT+1', '/play', '/']) {
      const response = await fetch(url + path, {
        headers,
        ...(path === '/' ? { method: 'POST', body: 'SELECT 1' } : {}),
      });
      expect(response.status).toBe(401);
      expect(await response.text()).toMatch(/^Code: 516\./);
    }
  }
  const right = { Authorization: basic(username, password.expose()) };
  expect(await (await fetch(`${url}/ping`, { headers: right })).text()).toBe('Ok.\n');
  expect(await (await fetch(`${url}/?query=SELECT+1`, { headers: right })).text()).toBe('1\n');
});

test('a query for somebody else stays refused on a connection that was refused before', async () => {
  const { port } = new URL(bed.engine.url);
  const socket = connect(Number(port), '127.0.0.1');
  const request = 'GET /?query=SELECT+1 HTTP/1.1\r\nHost: engine\r\n\r\n';
  socket.write(request + request);
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk.toString();
  });
  await once(socket, 'close');
  expect(answer).toMatch(/^HTTP\/1.1 401 /);
  expect(answer.match(/HTTP\/1.1/g)).toHaveLength(1);
});

test('what is not HTTP, too large, or not supported gets an answer and harms nothing', async () => {
  const { url, username, password } = bed.engine;
  const { port } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write('\0\0\0SSH-2.0-nonsense\r\n\r\n');
  socket.resume();
  await once(socket, 'close');

  const headers = { Authorization: basic(username, password.expose()) };
  const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(url + path, { headers, ...init });
  const tooLarge = await ask('/?query=INSERT+INTO+t+FORMAT+JSONEachRow', {
    method: 'POST',
    body: Buffer.alloc(65 * 2 ** 20),
  });
  expect(await tooLarge.text()).toMatch(/^Code: 307\./);
  const bomb = await ask('/', {
    method: 'POST',
    body: 'not gzip',
    headers: { ...headers, 'Content-Encoding': 'gzip' },
  });
  expect(await bomb.text()).toMatch(/^Code: 354\./);
  expect((await ask('/?query=SELECT+1&session_id=x')).status).toBe(400);
  expect((await ask('/?query=SELECT+1&max_threads%3D1%2Cx=1')).status).toBe(400);
  expect((await ask('/', { method: 'DELETE' })).status).toBe(400);
  expect((await ask('/nothing/../etc/passwd')).status).toBe(400);
  expect(await (await ask('/?query=SELECT+2')).text()).toBe('2\n');
});

test('its files are for their owner alone', async () => {
  const { mode } = await stat(join(bed.dataDir, 'archive'));
  expect(mode & 0o077).toBe(0);
});
