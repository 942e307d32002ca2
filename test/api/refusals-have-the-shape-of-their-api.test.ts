import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { Api } from '#api/start-api.ts';
import { DIALECT_ROUTES } from '#contract/jumpserver/routes.ts';
import { ErrorAnswer } from '#contract/routes/openapi.ts';
import { type Route, takesBody } from '#contract/routes/route.ts';
import { ROUTES } from '#contract/routes/routes.ts';
import { type ContractBed, createContractBed } from '../jumpserver-dialect/contract-bed.ts';
import { runSeed, seeded } from '../testbed/seeds.ts';
import { drawFrom, nearly, TEXTS } from './hostile-values.ts';
import { startListening } from './listening.ts';
import { bodyOf, sendRaw, statusOf } from './raw-http.ts';

const RUNS = process.env['SOAK'] === '1' ? 20_000 : 2_000;

let world: ContractBed;
let api: Api;
let tokens: Readonly<Record<'admin' | 'reader', string>>;
beforeAll(async () => {
  world = await createContractBed();
  tokens = {
    admin: await world.bed.person('fuzzer', ['admin'], 'service'),
    reader: await world.bed.person('reader', ['auditor'], 'service'),
  };
  api = await startListening(world.bed);
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

const words = fc.constantFrom('x', 'alice', 'web01', '00000000-0000-4000-8000-000000000000', ...TEXTS);
const routes: readonly Route[] = [
  ...Object.values<Route>(ROUTES),
  // Wrong passwords are slow to be refused; sign-ins have a test of their own.
  ...Object.values<Route>(DIALECT_ROUTES).filter((route) => route.callers !== 'anybody'),
];
const path = fc
  .tuple(fc.constantFrom(...routes), fc.infiniteStream(words))
  .map(([route, values]) =>
    route.path.replaceAll(/:\w+/g, () =>
      encodeURIComponent(String(values.next().value).toWellFormed().slice(0, 300)),
    ),
  );

/** What makes of a path one that routers, proxies and file systems may read differently, or that nobody has. */
const strange = fc.constantFrom<(path: string, at: number) => string>(
  (text, at) => `${text.slice(0, at)};x=1${text.slice(at)}`,
  (text, at) => `${text.slice(0, at)}/${text.slice(at)}`,
  (text, at) => `${text.slice(0, at)}%2f${text.slice(at)}`,
  (text, at) => `${text.slice(0, at)}/../${text.slice(at)}`,
  (text, at) => `${text.slice(0, at)}%${text.slice(at)}`,
  (text, at) => `${text.slice(0, at)}\\${text.slice(at)}`,
  (text, at) => `${text.slice(0, at)}\u00e9${text.slice(at)}`,
  (text, at) => text.slice(0, at) + text.slice(at).toUpperCase(),
  (text, at) => text.slice(0, at),
  (text) => text.replace(/\/$/, ''),
  (text) => `${text}?limit=1&limit=2&order=__proto__&id[]=1&%=%`,
  (text) => `http://elsewhere.test${text}`,
);
const twist = fc.oneof(
  { weight: 2, arbitrary: fc.constant((text: string) => text) },
  { weight: 1, arbitrary: strange },
);
const target = fc.tuple(path, twist, twist, fc.nat(60)).map(([text, one, two, at]) =>
  two(one(text, at), at + 3)
    .replaceAll(/[\s\u0000-\u001f]/g, '%20')
    .slice(0, 4_000),
);

const method = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'SEARCH', 'PURGE', 'get', 'X'),
  },
);
const body = fc.oneof(
  fc.constantFrom(
    '',
    '{',
    'null',
    '"text"',
    '7',
    '1e999',
    '[[[[[[]]]]]]',
    `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
    `{"ids":["${'x'.repeat(100_000)}"]}`,
    '{"__proto__":{"x":1}}',
    '{"username":{"toString":1},"is_active":[[]],"id":{}}',
    'is_active=false&ids=1&ids=2',
  ),
  fc.json({ maxDepth: 4 }),
);
const type = fc.constantFrom(
  'application/json',
  'application/x-www-form-urlencoded',
  'text/plain',
  'multipart/form-data; boundary=x',
  'application/json; charset=utf-7',
  '',
);
const CREDENTIALS = ['admin', 'reader', 'none', 'unknown', 'signature', 'cookie'] as const;
const credential = fc.oneof(
  { weight: 3, arbitrary: fc.constant('admin' as const) },
  { weight: 2, arbitrary: fc.constantFrom(...CREDENTIALS) },
);

interface Told {
  readonly status: number;
  readonly text: string;
  readonly isBelowDialect: boolean;
}

async function ask([verb, to, content, contentType, who]: readonly [
  string,
  string,
  string,
  string,
  (typeof CREDENTIALS)[number],
]): Promise<Told> {
  const lines = {
    none: '',
    admin: `Authorization: Token ${tokens.admin}\r\n`,
    reader: `Authorization: Bearer ${tokens.reader}\r\n`,
    unknown: 'Authorization: Bearer pct_unknown\r\n',
    signature: `Authorization: Signature keyId="x",headers="(request-target) date",signature="AAAA"\r\nDate: now\r\n`,
    cookie: `Cookie: jms_sessionid=${tokens.admin}\r\n`,
  };
  const bytes = Buffer.from(content, 'utf8').toString('latin1');
  const head =
    `${verb} ${to} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${lines[who]}` +
    `${contentType === '' ? '' : `Content-Type: ${contentType}\r\n`}Content-Length: ${bytes.length}\r\n\r\n`;
  const answer = await sendRaw(api.addresses[0] ?? '', head + bytes);
  return { status: statusOf(answer), text: bodyOf(answer), isBelowDialect: /^\/api\/v1(?:[/?]|$)/.test(to) };
}

/** As JumpServer's clients know them: a sentence with a code, a sentence, or sentences by field. */
const DialectRefusal = z.union([
  z.strictObject({ detail: z.string(), code: z.string() }),
  z.strictObject({ error: z.string(), msg: z.string().optional() }),
  z.record(z.string(), z.array(z.string()).min(1)).refine((fields) => Object.keys(fields).length > 0),
]);
/** What the parser of HTTP says before anybody knows of which API a request is. */
const PARSER = /^\{"error":"[^"]*","message":"[^"]*","statusCode":4\d\d\}$/;
const LEAK = /node_modules|\.ts\b|\bat \S+ \(|SQLITE|sqlite|\/src\/|Error:|undefined|\[object/;

function isRefusedInShape({ status, text, isBelowDialect }: Told): boolean {
  if (status < 400 || text === '' || PARSER.test(text)) return true;
  const shape = isBelowDialect ? DialectRefusal : z.strictObject(ErrorAnswer.shape);
  return shape.safeParse(JSON.parse(text)).success;
}

test(
  'whatever is asked, no answer is a defect, tells of the inside, or speaks another API’s way',
  { timeout: 120_000 },
  async () => {
    const statuses = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(fc.tuple(method, target, body, type, credential), async (asked) => {
        const told = await ask(asked);
        statuses.set(told.status, (statuses.get(told.status) ?? 0) + 1);
        expect(told.status).toBeLessThan(500);
        expect(told.text.slice(0, 2_000)).not.toMatch(told.status < 400 ? /node_modules/ : LEAK);
        expect(isRefusedInShape(told)).toBe(true);
        // Nobody is, where clients of JumpServer expect to be told to sign in again.
        expect([told.isBelowDialect, told.status]).not.toEqual([true, 429]);
        // Whoever has a good credential is never slowed down for what others sent.
        expect([asked[4], told.status]).not.toEqual(['good', 429]);
        expect([asked[4], told.status]).not.toEqual(['good', 401]);
      }),
      { numRuns: RUNS, seed: runSeed('hostile requests') },
    );
    // They got past the door, and were refused in more than one way.
    for (const status of [200, 400, 401, 403, 404])
      expect([status, statuses.get(status) ?? 0]).not.toEqual([status, 0]);
  },
);

test(
  'signing in with anything is answered as documented, and opens nothing',
  { timeout: 60_000 },
  async () => {
    const value = fc.oneof(
      words,
      fc.json().map((text) => JSON.parse(text) as unknown),
      fc.constant('x'.repeat(20_000)),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('auth', 'tokens', 'mfa/challenge', 'mfa/verify'),
        fc.array(
          fc.oneof(fc.record({ username: value, password: value, code: value }, { requiredKeys: [] }), value),
          {
            minLength: 8,
            maxLength: 8,
          },
        ),
        fc.constantFrom(
          '',
          'jms_sessionid=',
          `jms_sessionid=${'x'.repeat(43)}`,
          '=;;=',
          `x=${'y'.repeat(5_000)}`,
        ),
        async (name, bodies, cookie) => {
          // Side by side, because each refusal takes its time.
          const answers = await Promise.all(
            bodies.map((one) =>
              world.bed.call('POST', `/api/v1/authentication/${name}/`, {
                jsonText: JSON.stringify(one) ?? '',
                headers: { cookie },
              }),
            ),
          );
          for (const { status, text } of answers) {
            expect([200, 400, 401, 413]).toContain(status);
            expect(text).not.toMatch(/"token"/);
            expect(text).not.toMatch(LEAK);
            expect(isRefusedInShape({ status, text, isBelowDialect: true })).toBe(true);
          }
        },
      ),
      { numRuns: RUNS / 200, seed: runSeed('hostile sign-ins') },
    );
  },
);

test(
  'a call of the dialect that is nearly right is refused in its words, never by the clock',
  { timeout: 120_000 },
  async () => {
    const draw = drawFrom(seeded(runSeed('nearly right')));
    const known = ['alice', 'carol', 'web01', world.sessionId, ...Object.values(world.ids)];
    const strange: string[] = [];
    for (let round = 0; round < RUNS / 100; round += 1)
      for (const [id, route] of Object.entries<Route>(DIALECT_ROUTES)) {
        if (route.callers === 'anybody') continue;
        const to = route.path.replace(':id', encodeURIComponent(draw.of(['x', ...known])));
        const { status, text } = await world.bed.call(route.method, to, {
          token: tokens.admin,
          ...(takesBody(route) ? { jsonText: JSON.stringify(nearly(route.body, draw, known)) ?? '' } : {}),
        });
        // Whoever guesses the old password is the one who is slowed down.
        const expected = [200, 201, 204, 400, 404, 409, ...(id === 'changeOwnPassword' ? [429] : [])];
        if (!expected.includes(status) || !isRefusedInShape({ status, text, isBelowDialect: true }))
          strange.push(`${route.method} ${to} ${status} ${text.slice(0, 300)}`);
      }
    expect(strange).toEqual([]);
  },
);
