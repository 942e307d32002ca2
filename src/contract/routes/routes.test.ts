import { expect, test } from 'vitest';
import { z } from 'zod';
import { openApiDocument } from './openapi.ts';
import type { Route } from './route.ts';
import { ROUTES } from './routes.ts';

const routes: readonly (readonly [string, Route])[] = Object.entries(ROUTES);

test('no two operations share method and path', () => {
  const places = routes.map(([, route]) => `${route.method} ${route.path}`);
  expect(new Set(places).size).toBe(places.length);
});

test.each(routes)('%s says what it does, in a path that the guard lets through', (_id, route) => {
  expect(route.summary).toMatch(/^[A-Z].*\.$/);
  expect(route.path).toMatch(/^(\/(:?[a-z][a-zA-Z0-9-]*))+$/);
});

test.each(routes)('%s declares exactly the parameters of its path', (_id, route) => {
  const declared = z.toJSONSchema(route.params).properties ?? {};
  expect(Object.keys(declared).sort()).toEqual(
    [...route.path.matchAll(/:(\w+)/g)].map(([, name = '']) => name).sort(),
  );
});

test.each(routes)('%s refuses query parameters it does not know', (_id, route) => {
  expect(route.query.safeParse({ nobodyKnowsThis: '1' }).success).toBe(false);
});

test('only the health page is for anybody', () => {
  expect(routes.filter(([, route]) => route.callers === 'anybody').map(([id]) => id)).toEqual(['getHealth']);
});

test('whoever may only read changes nothing', () => {
  const changing = routes.filter(
    ([, { callers, method }]) => method !== 'GET' && callers !== 'anybody' && callers.includes('auditor'),
  );
  expect(changing.map(([id]) => id).sort()).toEqual([
    'createToken',
    'explainLines',
    'revokeToken',
    'verifyRecording',
  ]);
});

test('every operation is in the OpenAPI document, with its callers and no dangling reference', () => {
  const document = openApiDocument('1.2.3');
  const text = JSON.stringify(document);
  for (const [id] of routes) expect(text).toContain(`"operationId":"${id}"`);
  const schemas = z
    .object({ components: z.object({ responses: z.record(z.string(), z.unknown()) }) })
    .parse(document);
  for (const [, name = ''] of text.matchAll(/#\/components\/responses\/(\w+)/g))
    expect(schemas.components.responses).toHaveProperty(name);
  expect(text).not.toContain('"$schema"');
});
