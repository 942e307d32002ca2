import type { ServerProcess } from './server-process.ts';

const DEADLINE_MS = 20_000;
const PAUSE_MS = 5;

/**
 * Asks the server again and again until the answer fits: the demo watches from outside, as a person with a
 * terminal would. Fails with the last answer when the deadline passes.
 */
export async function observe<T>(
  server: ServerProcess,
  path: string,
  pick: (body: unknown) => T | undefined,
): Promise<T> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const { status, body } = await server.api('GET', path);
    const picked = status === 200 ? pick(body) : undefined;
    if (picked !== undefined) return picked;
    if (performance.now() > deadline)
      throw new Error(`not observed at ${path}; the last answer was ${status} ${JSON.stringify(body)}`);
    const { promise, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, PAUSE_MS);
    await promise;
  }
}

interface Page {
  readonly items?: readonly Record<string, unknown>[];
}

/** The first item of a list answer that has these fields. */
export function item(
  fields: Readonly<Record<string, unknown>>,
): (body: unknown) => Record<string, unknown> | undefined {
  return (body) =>
    (body as Page).items?.find((one) => Object.entries(fields).every(([key, value]) => one[key] === value));
}
