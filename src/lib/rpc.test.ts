import { MessageChannel, type MessagePort } from 'node:worker_threads';
import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { connectRpc, sendNotice, serveRpc, type Handlers, type RpcClient } from './rpc.ts';

const opened: MessagePort[] = [];
afterEach(() => {
  for (const port of opened.splice(0)) port.close();
});

function link<H extends Handlers>(
  handlers: H,
): { readonly client: RpcClient<H>; readonly server: MessagePort; readonly near: MessagePort } {
  const { port1: server, port2: near } = new MessageChannel();
  opened.push(server, near);
  serveRpc(server, handlers);
  return { client: connectRpc<H>(near), server, near };
}

async function failureOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('this should have failed');
}

describe('rpc', () => {
  it('carries any arguments there and any result back', async () => {
    const { client } = link({ echo: (...args: unknown[]) => args });
    const value = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(value, { maxLength: 5 }), async (args) => {
        expect(await client.call.echo(...args)).toEqual(structuredClone(args));
      }),
      { numRuns: 200 },
    );
  });

  it('gives every caller its own answer, in whatever order they come', async () => {
    const waiting = new Map<number, PromiseWithResolvers<string>>();
    const { client } = link({
      ask: (n: number): Promise<string> => {
        const answer = Promise.withResolvers<string>();
        waiting.set(n, answer);
        return answer.promise;
      },
      answer: (n: number): void => waiting.get(n)?.resolve(`answer ${n}`),
    });
    const order = fc.shuffledSubarray(
      Array.from({ length: 30 }, (_, index) => index),
      { minLength: 30 },
    );
    await fc.assert(
      fc.asyncProperty(order, async (numbers) => {
        waiting.clear();
        const asked = Array.from({ length: 30 }, (_, index) => client.call.ask(index));
        for (const n of numbers) await client.call.answer(n);
        expect(await Promise.all(asked)).toEqual(asked.map((_, index) => `answer ${index}`));
      }),
      { numRuns: 20 },
    );
  });

  it('carries failures with name, message, properties, lists and causes', async () => {
    const { client } = link({
      fail: () => {
        const cause = Object.assign(new RangeError('below'), { errno: 28 });
        const error = new TypeError('above', { cause });
        throw Object.assign(error, {
          code: 'E_X',
          problems: [{ path: 'a', message: 'b' }],
          secret: { a: 1 },
        });
      },
      refuse: () => Promise.reject(new Error('later')),
      // oxlint-disable-next-line typescript/only-throw-error -- that is what is tested
      odd: () => Promise.reject('a bare text'),
    });
    const error = await failureOf(client.call.fail());
    expect(error).toMatchObject({
      name: 'TypeError',
      message: 'above',
      code: 'E_X',
      problems: [{ path: 'a', message: 'b' }],
      cause: { name: 'RangeError', message: 'below', errno: 28 },
    });
    expect(error).not.toHaveProperty('secret');
    expect(await failureOf(client.call.refuse())).toMatchObject({ message: 'later' });
    expect(await failureOf(client.call.odd())).toMatchObject({ message: 'a bare text' });
  });

  it('survives an error that causes itself', async () => {
    const { client } = link({
      fail: () => {
        const error = new Error('round and round');
        error.cause = error;
        throw error;
      },
    });
    expect(await failureOf(client.call.fail())).toMatchObject({ message: 'round and round' });
  });

  it('fails the one call whose arguments or result cannot be cloned', async () => {
    const { client } = link({ give: (): unknown => () => 1, take: (_value: unknown) => 'taken' });
    expect((await failureOf(client.call.give())).message).toContain('could not be cloned');
    expect((await failureOf(client.call.take(() => 1))).message).toContain('could not be cloned');
    expect(await client.call.take(1)).toBe('taken');
  });

  it.each(['missing', 'constructor', 'toString', '__proto__'])(
    'answers a call of %s with a failure',
    async (name) => {
      const { client } = link({});
      const call = client.call as unknown as Record<string, () => Promise<unknown>>;
      const missing = call[name];
      if (missing === undefined) throw new Error('unreachable');
      expect((await failureOf(missing())).message).toBe(`no such call: ${name}`);
    },
  );

  it('delivers notices by name and in order', async () => {
    const { client, server } = link({ sync: () => {} });
    const heard: unknown[] = [];
    client.onNotice('n', (value) => heard.push(value));
    client.onNotice('n', (value) => heard.push(value));
    client.onNotice('m', (value) => heard.push(['m', value]));
    sendNotice(server, 'n', 1);
    sendNotice(server, 'unheard', 2);
    sendNotice(server, 'm', 3);
    await client.call.sync();
    expect(heard).toEqual([1, 1, ['m', 3]]);
  });

  it('fails what is under way and everything later when the other side goes', async () => {
    const { client, server } = link({ never: () => new Promise(() => {}) });
    const closed = Promise.withResolvers<Error>();
    client.onClose(closed.resolve);
    const waiting = failureOf(client.call.never());
    server.close();
    expect((await waiting).message).toBe('the other thread has ended');
    expect((await failureOf(client.call.never())).message).toBe('the other thread has ended');
    expect(await closed.promise).toMatchObject({ message: 'the other thread has ended' });
    const late: Error[] = [];
    client.onClose((reason) => late.push(reason));
    expect(late).toHaveLength(1);
  });

  it('fails with the reason it was closed for', async () => {
    const { client } = link({ never: () => new Promise(() => {}) });
    const waiting = failureOf(client.call.never());
    client.close(new Error('stopping'));
    client.close(new Error('stopping again'));
    expect((await waiting).message).toBe('stopping');
    expect((await failureOf(client.call.never())).message).toBe('stopping');
  });
});
