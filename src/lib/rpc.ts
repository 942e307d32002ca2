import type { MessagePort, Worker } from 'node:worker_threads';

/**
 * Calls and notices between threads. One side serves an object of async functions, the other calls them by
 * name; either side may also send notices. Arguments travel by structured clone.
 */
type Port = MessagePort | Worker;
export type Handlers = Readonly<Record<string, (...args: never[]) => unknown>>;
export type Remote<H> = {
  readonly [K in keyof H]: H[K] extends (...args: infer A) => infer R
    ? (...args: A) => Promise<Awaited<R>>
    : never;
};

type Message =
  | { readonly kind: 'call'; readonly id: number; readonly name: string; readonly args: readonly unknown[] }
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly error: unknown }
  | { readonly kind: 'notice'; readonly name: string; readonly value: unknown };

/** Serves calls arriving at the port. Failures cross with name, message, code and stack. */
export function serveRpc(port: Port, handlers: Handlers): void {
  const table = handlers as Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;
  port.on('message', (message: Message) => {
    if (message.kind !== 'call') return;
    const { id, name, args } = message;
    const answer = async (): Promise<Message> => {
      try {
        const handler = Object.hasOwn(table, name) ? table[name] : undefined;
        if (handler === undefined) throw new Error(`no such call: ${name}`);
        return { kind: 'result', id, value: await handler(...args) };
      } catch (error) {
        return { kind: 'failure', id, error: describeError(error) };
      }
    };
    void answer().then((reply) => port.postMessage(reply));
  });
}

interface DescribedError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly extra: Readonly<Record<string, unknown>>;
}

function describeError(error: unknown): DescribedError {
  if (!(error instanceof Error))
    return { name: 'Error', message: String(error), stack: undefined, extra: {} };
  const extra: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(error)) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      extra[key] = value;
  }
  return { name: error.name, message: error.message, stack: error.stack, extra };
}

function restoreError(described: DescribedError): Error {
  const error = new Error(described.message);
  Object.assign(error, described.extra);
  error.name = described.name;
  if (described.stack !== undefined) error.stack = described.stack;
  return error;
}

export interface RpcClient<H extends Handlers> {
  readonly call: Remote<H>;
  /** Notices from the other side, by name. */
  onNotice(name: string, listener: (value: unknown) => void): void;
  /** Fails every call under way and every later one. */
  close(reason: Error): void;
}

/** Calls the handlers served at the other end of the port. */
export function connectRpc<H extends Handlers>(port: Port): RpcClient<H> {
  const pending = new Map<number, PromiseWithResolvers<unknown>>();
  const listeners = new Map<string, ((value: unknown) => void)[]>();
  let nextId = 1;
  let closed: Error | undefined;

  port.on('message', (message: Message) => {
    if (message.kind === 'notice') {
      for (const listener of listeners.get(message.name) ?? []) listener(message.value);
      return;
    }
    if (message.kind === 'call') return;
    const waiting = pending.get(message.id);
    if (waiting === undefined) return;
    pending.delete(message.id);
    if (message.kind === 'result') waiting.resolve(message.value);
    else waiting.reject(restoreError(message.error as DescribedError));
  });

  const close = (reason: Error): void => {
    closed ??= reason;
    for (const waiting of pending.values()) waiting.reject(reason);
    pending.clear();
  };
  port.on('close', () => close(new Error('the other thread has ended')));

  const call = new Proxy(Object.create(null) as Remote<H>, {
    get: (_target, name) =>
      typeof name === 'string' && name !== 'then'
        ? (...args: readonly unknown[]): Promise<unknown> => {
            if (closed !== undefined) return Promise.reject(closed);
            const id = nextId++;
            const waiting = Promise.withResolvers<unknown>();
            pending.set(id, waiting);
            port.postMessage({ kind: 'call', id, name, args } satisfies Message);
            return waiting.promise;
          }
        : undefined,
  });

  return {
    call,
    onNotice(name, listener) {
      const list = listeners.get(name) ?? [];
      list.push(listener);
      listeners.set(name, list);
    },
    close,
  };
}

export function sendNotice(port: Port, name: string, value: unknown): void {
  port.postMessage({ kind: 'notice', name, value } satisfies Message);
}
