import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Api } from '#api/start-api.ts';
import type { Config } from '#config/config.ts';
import { type ApiBed, createApiBed } from './api-bed.ts';
import { startListening } from './listening.ts';
import { sendRaw } from './raw-http.ts';

let bed: ApiBed;
beforeAll(async () => {
  bed = await createApiBed();
});
afterAll(() => bed[Symbol.asyncDispose]());

const start = (http: Partial<Config['http']> = {}, dataDir = bed.folder): Promise<Api> =>
  startListening(bed, http, dataDir);

function overSocket(socketPath: string, path: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  httpRequest({ socketPath, path }, (response) => {
    response.resume();
    response.on('end', () => resolve(response.statusCode ?? 0));
  })
    .on('error', reject)
    .end();
  return promise;
}

/** Sends bytes as they are, and gives the status line. */
const raw = async (address: string, bytes: string): Promise<string> =>
  (await sendRaw(address, bytes)).split('\r\n', 1)[0] ?? '';

test('the socket is for its owner alone and makes an administrator; the network asks for a token', async () => {
  await using api = await start();
  expect((await stat(api.socketPath)).mode & 0o777).toBe(0o600);
  expect(await overSocket(api.socketPath, '/v1/users')).toBe(200);
  expect((await fetch(`http://${api.addresses[0]}/v1/users`)).status).toBe(401);
  expect((await fetch(`http://${api.addresses[0]}/healthz`)).status).toBe(200);
});

test('a socket that an earlier run left behind is replaced', async () => {
  const folder = join(bed.folder, 'd');
  await mkdir(folder, { mode: 0o700 });
  const left = `require('net').createServer().listen('admin.sock', () => process.kill(process.pid, 'SIGKILL'))`;
  const killed = spawnSync(process.execPath, ['-e', left], { cwd: folder });
  expect(killed.signal).toBe('SIGKILL');
  expect((await stat(join(folder, 'admin.sock'))).isSocket()).toBe(true);
  await using api = await start({}, folder);
  expect(await overSocket(api.socketPath, '/healthz')).toBe(200);
});

test('several addresses are served, and closing answers what is under way', async () => {
  const api = await start({
    listen: [
      { host: '127.0.0.1', port: 0 },
      { host: '::1', port: 0 },
    ],
  });
  expect(api.addresses.map((one) => one.replace(/\d+$/, ''))).toEqual(['127.0.0.1:', '[::1]:']);
  const answers = Promise.all(api.addresses.map((one) => fetch(`http://${one}/healthz`)));
  expect((await answers).map((one) => one.status)).toEqual([200, 200]);
  await api[Symbol.asyncDispose]();
  await expect(fetch(`http://${api.addresses[0]}/healthz`)).rejects.toThrow('fetch failed');
});

test('an address that is taken is told with its key', async () => {
  await using api = await start();
  const port = Number(api.addresses[0]?.split(':')[1]);
  const folder = join(bed.folder, 'other');
  await mkdir(folder, { mode: 0o700 });
  await expect(start({ listen: [{ host: '127.0.0.1', port }] }, folder)).rejects.toMatchObject({
    code: 'E_CONFIG',
    message: expect.stringContaining('http.listen'),
  });
});

test.each([
  '/v1/%2e%2e/healthz',
  '/v1/../healthz',
  '//healthz',
  '/healthz;x',
  '/./healthz',
  '/healthz%00',
  '/%zz',
  'http://elsewhere.test/healthz',
  '/healthz%20',
  '/a/..%2fhealthz',
])('%s is no way to the health page', async (path) => {
  await using api = await start();
  const status = await raw(
    api.addresses[0] ?? '',
    `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
  );
  expect(status).toMatch(/^HTTP\/1\.1 40[04] /);
});

test('malformed requests and bodies that are too large are answered and forgotten', async () => {
  await using api = await start();
  const address = api.addresses[0] ?? '';
  expect(await raw(address, 'NONSENSE\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  const secret = await bed.person('root-admin', ['admin']);
  const send = (path: string, body: string, type = 'application/json'): Promise<Response> =>
    fetch(`http://${address}${path}`, {
      method: 'POST',
      body,
      headers: { 'content-type': type, authorization: `Bearer ${secret}` },
    });
  expect((await send('/v1/locks', `{"x":"${'x'.repeat(1_100_000)}"}`)).status).toBe(413);
  expect((await send('/v1/locks', '{"x":')).status).toBe(400);
  expect((await send('/v1/locks', '{"__proto__":{"x":1}}')).status).toBe(400);
  expect((await send('/v1/locks', 'x=1', 'application/x-www-form-urlencoded')).status).toBe(400);
  expect((await send('/v1/locks', 'x', 'text/plain')).status).toBe(400);
  expect((await fetch(`http://${address}/healthz`)).status).toBe(200);
});

test.each([
  ['/docs', '/docs/json', '/v1/users/{username}', '/api/v1/users/users/'],
  ['/docs', '/openapi.json', '/v1/users/{username}', '/api/v1/users/users/'],
  ['/api/docs/', '/api/docs/json', '/api/v1/users/users/{id}/mfa/reset/', '/v1/users/{username}'],
])('%s describes one API, and loads nothing from elsewhere (%s)', async (path, documentPath, own, other) => {
  await using api = await start();
  const base = `http://${api.addresses[0]}`;
  const document = (await (await fetch(`${base}${documentPath}`)).json()) as {
    paths: Record<string, unknown>;
  };
  expect(document.paths).toHaveProperty([own]);
  expect(document.paths).not.toHaveProperty([other]);
  const page = await fetch(`${base}${path}`);
  expect(page.status).toBe(200);
  expect(page.headers.get('content-security-policy')).toContain("script-src 'self';");
  const html = await page.text();
  expect(html).not.toMatch(/(src|href)="https?:/);
  const [, script = ''] = /src="([^"]*swagger-ui-bundle\.js)"/.exec(html) ?? [];
  const answer = await fetch(new URL(script, `${base}${path}`));
  expect((await answer.text()).length).toBeGreaterThan(100_000);
});

test('with a certificate it speaks TLS and says that it stays so', async () => {
  const [certFile, keyFile] = [join(bed.folder, 'c.pem'), join(bed.folder, 'k.pem')];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=IP:127.0.0.1',
      '-days',
      '1',
      '-keyout',
      keyFile,
      '-out',
      certFile,
    ],
    { stdio: 'ignore' },
  );
  await using api = await start({ tls: { certFile, keyFile } });
  const ca = await readFile(certFile);
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  httpsRequest(`https://${api.addresses[0]}/healthz`, { ca, minVersion: 'TLSv1.2' }, (response) => {
    response.resume();
    resolve(response.headers['strict-transport-security']);
  })
    .on('error', reject)
    .end();
  expect(await promise).toContain('max-age');
});

test('a data folder whose path is too long for a socket is told so', async () => {
  const folder = join(bed.folder, 'x'.repeat(100));
  await mkdir(folder);
  await expect(start({}, folder)).rejects.toMatchObject({ code: 'E_CONFIG' });
});
