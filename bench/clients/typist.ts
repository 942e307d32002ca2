/**
 * Many people at their terminals, in a process of their own so that what they cost is not measured. Opens
 * shells, types one key at a time at random moments, and reports how long each echo took.
 */
import { connect } from 'node:net';
import ssh2, { type ClientChannel } from 'ssh2';
import { readFileSync } from 'node:fs';

export interface TypistOrder {
  readonly port: number;
  readonly username: string;
  readonly keyFile: string;
  readonly sessions: number;
  /** Keys a session types; 0 stays idle until the process is told to end. */
  readonly keys: number;
  /** What a session types: keys into a program that shows nothing, or lines at the prompt of bash. */
  readonly what?: 'keys' | 'lines';
  readonly meanPauseMs: number;
}

export type TypistReport =
  | { readonly kind: 'open' }
  | { readonly kind: 'echoes'; readonly milliseconds: readonly number[] }
  | { readonly kind: 'failed'; readonly message: string };

const OPENING_AT_ONCE = 4;

async function openShell(order: TypistOrder): Promise<ClientChannel> {
  const client = new ssh2.Client();
  const { promise, resolve, reject } = Promise.withResolvers<ClientChannel>();
  client.on('error', reject);
  client.on('ready', () => {
    client.shell({ term: 'xterm', cols: 80, rows: 24 }, (error, channel) => {
      if (error === undefined) resolve(channel);
      else reject(error);
    });
  });
  const socket = connect({ port: order.port, host: '127.0.0.1', noDelay: true });
  client.connect({
    sock: socket,
    username: order.username,
    privateKey: readFileSync(order.keyFile),
    hostVerifier: () => true,
    readyTimeout: 120_000,
    algorithms: { cipher: ['aes128-gcm@openssh.com'] },
  });
  const channel = await promise;
  if (order.what === 'lines') await answered(channel, "PS1='p''$ ' exec bash --norc --noprofile\n", 'p$ ');
  // The line discipline echoes each key; `cat` says nothing of its own before a line is over.
  else await answered(channel, "stty -echoctl; echo re''ady; exec cat >/dev/null\n", 'ready');
  return channel;
}

function answered(channel: ClientChannel, typed: string, wanted: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let text = '';
  const look = (chunk: Buffer): void => {
    text += chunk.toString('latin1');
    if (!text.includes(wanted)) return;
    channel.off('data', look);
    resolve();
  };
  channel.on('data', look);
  channel.write(typed);
  return promise;
}

async function type(channel: ClientChannel, order: TypistOrder): Promise<readonly number[]> {
  const echoes: number[] = [];
  for (let key = 0; key < order.keys; key += 1) {
    const { promise: pause, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, Math.random() * 2 * order.meanPauseMs);
    await pause;
    const { promise: echo, resolve: seen } = Promise.withResolvers<void>();
    channel.once('data', () => seen());
    const started = performance.now();
    channel.write(String.fromCharCode(97 + (key % 26)));
    await echo;
    echoes.push(performance.now() - started);
  }
  return echoes;
}

/** From Enter to the next prompt. The line has been shown before: people see what they send. */
async function enter(channel: ClientChannel, order: TypistOrder): Promise<readonly number[]> {
  const waits: number[] = [];
  for (let line = 0; line < order.keys; line += 1) {
    const { promise: pause, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, Math.random() * 2 * order.meanPauseMs);
    await pause;
    await answered(channel, `: line-${line}.`, `line-${line}.`);
    const started = performance.now();
    await answered(channel, '\r', 'p$ ');
    waits.push(performance.now() - started);
  }
  return waits;
}

process.once('message', (message) => {
  const order = message as TypistOrder;
  const report = (said: TypistReport): void => {
    process.send?.(said);
  };
  const work = async (): Promise<void> => {
    const channels: ClientChannel[] = [];
    let left = order.sessions;
    await Promise.all(
      Array.from({ length: OPENING_AT_ONCE }, async () => {
        while (left > 0) {
          left -= 1;
          channels.push(await openShell(order));
        }
      }),
    );
    report({ kind: 'open' });
    if (order.keys === 0) return;
    const echoes = await Promise.all(
      channels.map((channel) => (order.what === 'lines' ? enter(channel, order) : type(channel, order))),
    );
    report({ kind: 'echoes', milliseconds: echoes.flat() });
  };
  work().catch((error: unknown) => report({ kind: 'failed', message: String(error) }));
});
