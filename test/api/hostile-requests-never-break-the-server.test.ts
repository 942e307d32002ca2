import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Api } from '#api/start-api.ts';
import { DIALECT_ROUTES } from '#contract/jumpserver/routes.ts';
import { type Route, takesBody } from '#contract/routes/route.ts';
import { parameters } from '#contract/routes/openapi.ts';
import { ROUTES } from '#contract/routes/routes.ts';
import { type ContractBed, createContractBed } from '../jumpserver-dialect/contract-bed.ts';
import { runSeed, seeded } from '../testbed/seeds.ts';
import { anything, type Draw, drawFrom, nearly, TEXTS } from './hostile-values.ts';
import { startListening } from './listening.ts';
import { sendRaw, statusOf } from './raw-http.ts';

/** Signing in is slow to refuse; it has a test of its own. */
const ALL_ROUTES: readonly Route[] = [
  ...Object.values<Route>(ROUTES),
  ...Object.values<Route>(DIALECT_ROUTES).filter((route) => route.callers !== 'anybody'),
];
const ROUNDS = process.env['SOAK'] === '1' ? 100 : 12;

let world: ContractBed;
let api: Api;
let known: readonly string[];
let token: string;
beforeAll(async () => {
  world = await createContractBed();
  known = ['alice', 'carol', 'web01', 'root', world.sessionId, world.endedId, ...Object.values(world.ids)];
  token = await world.bed.person('fuzzer', ['admin'], 'service');
  api = await startListening(world.bed);
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

interface Told {
  readonly status: number;
  readonly text: string;
}

/** Over the administrator's socket: it stays open whatever the requests do to users and tokens. */
function ask(method: string, path: string, body?: string): Promise<Told> {
  const { promise, resolve, reject } = Promise.withResolvers<Told>();
  const request = httpRequest(
    {
      socketPath: api.socketPath,
      method,
      path,
      headers:
        body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    },
    (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        if (text.length < 500) text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', reject);
    },
  ).on('error', reject);
  request.end(body);
  return promise;
}

function pathFor(route: Route, draw: Draw): string {
  const path = route.path.replaceAll(/:\w+/g, () =>
    encodeURIComponent(
      draw.chance(0.7) ? draw.of(['x', ...known]) : draw.of(TEXTS).toWellFormed().slice(0, 200),
    ),
  );
  const names = [
    ...parameters(route.query, 'query').map((one) => String(one['name'])),
    'limit',
    'offset',
    'order',
  ];
  const query = names
    .filter(() => draw.chance(0.4))
    .flatMap((name) => (draw.chance(0.1) ? [name, name] : [name]))
    .map((name) => {
      const value = draw.chance(0.4) ? draw.of(['1', 'true', ...known]) : draw.of(TEXTS);
      return `${name}=${encodeURIComponent(value.toWellFormed())}`;
    });
  // Longer ones are refused by the parser of HTTP, which is tried below.
  return `${path}?${query.join('&')}`.slice(0, 8_000).replace(/%[^&]{0,2}$/, '');
}

test('every route answers hostile values without a defect', { timeout: 180_000 }, async () => {
  const draw = drawFrom(seeded(runSeed('hostile values')));
  const defects: string[] = [];
  const statuses = new Map<number, number>();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const route of ALL_ROUTES) {
      const body = takesBody(route)
        ? JSON.stringify(draw.chance(0.1) ? anything(draw) : nearly(route.body, draw, known))
        : undefined;
      const path = pathFor(route, draw);
      const { status, text } = await ask(route.method, path, body);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status === 500) defects.push(`${route.method} ${path} ${body?.slice(0, 300) ?? ''} → ${text}`);
    }
  }
  expect(defects).toEqual([]);
  // The values got past the door often enough to mean anything.
  expect(statuses.get(200) ?? 0).toBeGreaterThan(ROUNDS * 10);
  expect((await ask('GET', '/healthz')).status).toBe(200);
});

const raw = (bytes: string): Promise<string> => sendRaw(api.addresses[0] ?? '', bytes);

test('paths that parts of the program could read differently are unknown, with and without a credential', async () => {
  const draw = drawFrom(seeded(runSeed('hostile paths')));
  const twists: readonly [(path: string) => string, ...((path: string) => string)[]] = [
    (path) => path.replace('/v1', '/v1;x=1'),
    (path) => path.replace('/v1', '//v1'),
    (path) => path.replaceAll('/', '%2f').replace('%2f', '/'),
    (path) => path.replace('/v1', '/v1/../v1'),
    (path) => path.replace('/v1', '/V1'),
    (path) => path.replace('/v1/', '/v1/%2e/'),
    (path) => `${path}%00`,
    (path) => `${path};`,
    (path) => `${path}//`,
    (path) => path.replaceAll('/', '\\'),
    (path) => `http://elsewhere.test${path}`,
    (path) => `${path}\u00ff`,
  ];
  const statuses: [string, number][] = [];
  for (const route of ALL_ROUTES) {
    const plain = route.path.replaceAll(/:\w+/g, 'alice');
    const twisted = draw.of(twists)(plain);
    const path = twisted === plain ? `${plain};` : twisted;
    for (const credential of ['', `Authorization: Bearer ${token}\r\n`]) {
      const answer = await raw(
        `${route.method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${credential}Content-Length: 0\r\n\r\n`,
      );
      statuses.push([`${route.method} ${path}`, statusOf(answer)]);
    }
  }
  // 400 is the parser of HTTP itself.
  expect(statuses.filter(([, status]) => status !== 404 && status !== 400)).toEqual([]);
});

const posted = (path: string, body: string, headers: string): string =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Token ${token}\r\n${headers}Content-Length: ${Buffer.byteLength(body, 'latin1')}\r\n\r\n${body}`;
const JSON_TYPE = 'Content-Type: application/json\r\n';
const BODIES: readonly [string, string, string][] = [
  ['nested', `${'['.repeat(200_000)}${']'.repeat(200_000)}`, JSON_TYPE],
  ['nested objects', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, JSON_TYPE],
  ['larger than its limit', JSON.stringify({ a: 'x'.repeat(17 * 1024 * 1024) }), JSON_TYPE],
  ['cut off', '{"a":', JSON_TYPE],
  ['a prototype', '{"__proto__":{"admin":true}}', JSON_TYPE],
  ['a constructor', '{"constructor":{"prototype":{"admin":true}}}', JSON_TYPE],
  ['no UTF-8', '{"a":"\xff\xfe"}', JSON_TYPE],
  ['a long number', `[${'9'.repeat(500_000)}]`, JSON_TYPE],
  ['a form', 'a=1&b=2', 'Content-Type: application/x-www-form-urlencoded\r\n'],
  ['of no type', '{"a":1}', ''],
  ['of a strange type', '{}', 'Content-Type: application/json; charset=x; boundary="\r\n'],
  ['compressed, it says', '{}', `${JSON_TYPE}Content-Encoding: gzip\r\n`],
];

test.each(BODIES)('a body that is %s', async (_, body, headers) => {
  // What the other requests did must not have taken the credential away, or nothing is read.
  expect((await world.bed.call('GET', '/v1/me', { token })).status).toBe(200);
  for (const path of [
    '/v1/users',
    '/v1/apply',
    '/api/v1/terminal/tasks/kill-session/',
    '/api/v1/audits/user-sessions/offline/',
    '/api/v1/authentication/mfa/challenge/',
  ]) {
    const answer = await raw(posted(path, body, headers));
    // Too large a body may be cut off before anybody reads the answer.
    if (answer === '' && body.length > 1_000_000) continue;
    expect([path, statusOf(answer)]).toEqual([
      path,
      expect.toSatisfy((status: number) => status >= 200 && status < 500),
    ]);
  }
  expect(statusOf(await raw('GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'))).toBe(200);
});

test.each([
  ['Authorization: \r\n', 401],
  ['Authorization: Bearer\r\n', 401],
  [`Authorization: Bearer ${'x'.repeat(8_000)}\r\n`, 401],
  ['Authorization: Token \xff\xfe\r\n', 401],
  ['Authorization: Signature \r\n', 401],
  [`Authorization: Signature ${'a="b",'.repeat(1_000)}\r\n`, 401],
  [
    `Authorization: Signature keyId="__proto__",headers="(request-target) date",signature="===="\r\nDate: x\r\n`,
    401,
  ],
  [`Authorization: Signature keyId="\x01",headers="date (request-target) constructor",signature=""\r\n`, 400],
  ['Cookie: jms_sessionid=;;;=;jms_sessionid\r\n', 401],
  [`X-Long: ${'x'.repeat(70_000)}\r\n`, 431],
  ['X-Forwarded-For: \'"<>, ::::::, 999.1.1.1\r\n', 401],
  ['Host: a b c\r\n', 401],
  ['Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', 400],
  ['Expect: 100-continue\r\n', 401],
  ['Expect: nothing\r\n', 417],
  ['Range: bytes=0-,-1\r\n', 401],
  ['Accept: */*;q=x\r\n', 401],
  ['User-Agent: \x1b]0;x\x07\r\n', 400],
  ['no header at all\r\n', 400],
] as const)('a header %.40s', async (header, expected) => {
  for (const path of ['/v1/me', '/api/v1/users/profile/']) {
    const host = header.startsWith('Host') ? '' : 'Host: x\r\n';
    const answer = await raw(`GET ${path} HTTP/1.1\r\n${host}Connection: close\r\n${header}\r\n`);
    // Many refusals from one address are slowed down.
    expect([expected, 429]).toContain(statusOf(answer));
  }
});

test('a flood of large bodies without a credential costs a bounded amount of memory', async () => {
  const before = process.memoryUsage().rss;
  const large = posted('/v1/apply', JSON.stringify({ a: 'x'.repeat(17 * 1024 * 1024) }), JSON_TYPE).replace(
    `Token ${token}`,
    'Token pct_unknown',
  );
  const statuses: number[] = [];
  for (let count = 0; count < 20; count += 1) statuses.push(statusOf(await raw(large)));
  // Whoever is cut off while still sending may never read the answer: 0.
  expect(statuses.filter((status) => ![0, 401, 429].includes(status))).toEqual([]);
  expect(process.memoryUsage().rss - before).toBeLessThan(256 * 1024 * 1024);
  expect((await ask('GET', '/healthz')).status).toBe(200);
});
