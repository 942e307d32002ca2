import type { MessagePort, Worker } from 'node:worker_threads';

/**
 * Calls and notices between threads. One side serves an object of async functions, the other calls them by
 * name; either side may also send notices. Arguments travel by structured clone, in order.
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
  | { readonly kind: 'failure'; readonly id: number; readonly error: DescribedError }
  | { readonly kind: 'notice'; readonly name: string; readonly value: unknown };

interface DescribedError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly cause: DescribedError | undefined;
  readonly extra: Readonly<Record<string, unknown>>;
}

const MAX_CAUSES = 4;

/** What of an error crosses: name, message, stack, causes, and the properties that JSON can hold. */
function describeError(error: unknown, depth = 0): DescribedError {
  if (!(error instanceof Error))
    return { name: 'Error', message: String(error), stack: undefined, cause: undefined, extra: {} };
  const extra: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(error)) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      extra[key] = value;
    else if (Array.isArray(value)) extra[key] = JSON.parse(JSON.stringify(value));
  }
  const cause =
    error.cause === undefined || depth === MAX_CAUSES ? undefined : describeError(error.cause, depth + 1);
  return { name: error.name, message: error.message, stack: error.stack, cause, extra };
}

function restoreError(described: DescribedError): Error {
  const cause = described.cause === undefined ? {} : { cause: restoreError(described.cause) };
  const error = new Error(described.message, cause);
  Object.assign(error, described.extra);
  error.name = described.name;
  if (described.stack !== undefined) error.stack = described.stack;
  return error;
}

/** Serves calls arriving at the port. */
export function serveRpc(port: Port, handlers: Handlers): void {
  const table = handlers as Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;
  const answer = async (id: number, name: string, args: readonly unknown[]): Promise<void> => {
    try {
      const handler = Object.hasOwn(table, name) ? table[name] : undefined;
      if (handler === undefined) throw new Error(`no such call: ${name}`);
      // A result that cannot be cloned throws here and becomes a failure like any other.
      port.postMessage({ kind: 'result', id, value: await handler(...args) } satisfies Message);
    } catch (error) {
      port.postMessage({ kind: 'failure', id, error: describeError(error) } satisfies Message);
    }
  };
  port.on('message', (message: Message) => {
    if (message.kind === 'call') void answer(message.id, message.name, message.args);
  });
}

export interface RpcClient<H> {
  readonly call: Remote<H>;
  /** Notices from the other side, by name. */
  onNotice(name: string, listener: (value: unknown) => void): void;
  /** Runs once, when the other side is gone or the client was closed; at once when that is past. */
  onClose(listener: (reason: Error) => void): void;
  /** Fails every call under way and every later one. */
  close(reason: Error): void;
}

/** Calls the handlers served at the other end of the port. */
export function connectRpc<H>(port: Port): RpcClient<H> {
  const pending = new Map<number, PromiseWithResolvers<unknown>>();
  const listeners = new Map<string, ((value: unknown) => void)[]>();
  const closeListeners: ((reason: Error) => void)[] = [];
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
    else waiting.reject(restoreError(message.error));
  });

  const close = (reason: Error): void => {
    if (closed !== undefined) return;
    closed = reason;
    for (const waiting of pending.values()) waiting.reject(reason);
    pending.clear();
    for (const listener of closeListeners) listener(reason);
  };
  const ended = (): void => close(new Error('the other thread has ended'));
  port.on('close', ended);
  port.on('exit', ended);

  const send = (name: string, args: readonly unknown[]): Promise<unknown> => {
    if (closed !== undefined) return Promise.reject(closed);
    const id = nextId++;
    const waiting = Promise.withResolvers<unknown>();
    try {
      port.postMessage({ kind: 'call', id, name, args } satisfies Message);
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
    pending.set(id, waiting);
    return waiting.promise;
  };
  const call = new Proxy(Object.create(null) as Remote<H>, {
    get: (_target, name) =>
      typeof name === 'string' && name !== 'then'
        ? (...args: readonly unknown[]): Promise<unknown> => send(name, args)
        : undefined,
  });

  return {
    call,
    onNotice(name, listener) {
      const list = listeners.get(name) ?? [];
      list.push(listener);
      listeners.set(name, list);
    },
    onClose(listener) {
      if (closed === undefined) closeListeners.push(listener);
      else listener(closed);
    },
    close,
  };
}

export function sendNotice(port: Port, name: string, value: unknown): void {
  port.postMessage({ kind: 'notice', name, value } satisfies Message);
}
