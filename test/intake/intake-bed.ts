import { once } from 'node:events';
import { createSocket } from 'node:dgram';
import { mkdtempDisposable } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '#config/config.ts';
import type { EventRecord } from '#contract/event.ts';
import { startIntake, type Intake, type IntakeOptions } from '#intake/intake.ts';
import { unparsedEvent } from '#domain/normalise/build-event.ts';
import { Sources } from '#intake/sources/sources.ts';
import type { ListenerStatus } from '#intake/status.ts';
import { newId } from '#lib/ids.ts';
import { createLogger } from '#lib/log.ts';
import { systemClock } from '#lib/time.ts';
import { openStateInThread } from '#state/in-thread.ts';
import type { State } from '#state/state.ts';
import { MemoryStream } from '#stream/memory.ts';

const LOOPBACK = { host: '127.0.0.1', port: 0 };

export interface IntakeBed extends AsyncDisposable {
  readonly intake: Intake;
  readonly state: State;
  readonly sources: Sources;
  /** What the stream has taken. */
  readonly published: readonly EventRecord[];
  readonly listener: (transport: ListenerStatus['transport']) => ListenerStatus;
  readonly port: (transport: ListenerStatus['transport']) => number;
  /** Resolves with the raw text of the messages, in order, once there are so many. */
  readonly messages: (count: number) => Promise<readonly string[]>;
}

export interface BedOptions {
  readonly config?: Partial<Config['intake']>;
  readonly intake?: Partial<IntakeOptions>;
  /** Waited for before each batch is stored. */
  readonly gate?: () => Promise<void>;
}

/** An intake on free ports of loopback: UDP and TCP, unless told otherwise. */
export async function startBed({ config, intake: parts, gate }: BedOptions = {}): Promise<IntakeBed> {
  const memory = new MemoryStream();
  const folder = await mkdtempDisposable(join(tmpdir(), 'portcullis-intake-'));
  const state = await openStateInThread(join(folder.path, 'state.db'));
  const sources = new Sources({ state, clock: systemClock });
  const published: EventRecord[] = [];
  let arrived = Promise.withResolvers<void>();
  const intake = await startIntake({
    config: {
      udp: [LOOPBACK],
      tcp: [LOOPBACK],
      tls: [],
      certificate: null,
      clientCaFile: null,
      allowFrom: [],
      trustedProxies: [],
      types: [],
      framing: 'auto',
      zone: 'UTC',
      udpSockets: 2,
      datagramBytes: 65_536,
      messageBytes: 1_048_576,
      connections: 100,
      idleMs: 60_000,
      ...config,
    },
    dataDir: '.',
    minimumFreeBytes: 2,
    stream: {
      async publish(events) {
        await gate?.();
        await memory.publish(events);
        published.push(...events);
        arrived.resolve();
        arrived = Promise.withResolvers();
      },
    },
    sources,
    normalise: (message, origin) => [unparsedEvent(newId(), message, origin, 'a test', {})],
    clock: systemClock,
    newId,
    logger: createLogger('silent'),
    ...parts,
  });
  const listener = (transport: ListenerStatus['transport']): ListenerStatus => {
    const found = intake.status().listeners.find((one) => one.transport === transport);
    if (found === undefined) throw new Error(`nothing listens for ${transport}`);
    return found;
  };
  return {
    intake,
    state,
    sources,
    published,
    listener,
    port: (transport) => Number(listener(transport).address.split(':').at(-1)),
    async messages(count) {
      for (;;) {
        const raw = published.flatMap((event) => (event.raw === undefined ? [] : [event.raw]));
        if (raw.length >= count) return raw;
        await arrived.promise;
      }
    },
    async [Symbol.asyncDispose]() {
      await intake[Symbol.asyncDispose]();
      await state[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

export async function connectTo(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port });
  await once(socket, 'connect');
  return socket;
}

/** Resolves when the connection is over, in whichever way. */
export async function closed(socket: Socket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.on('error', () => undefined);
  socket.once('close', () => resolve());
  socket.resume();
  await promise;
}

/** Sends datagrams as fast as it can; resolves when the kernel has got them all. */
export async function sendDatagrams(port: number, texts: readonly string[]): Promise<void> {
  const socket = createSocket('udp4');
  try {
    await Promise.all(
      texts.map((text) => {
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        socket.send(text, port, '127.0.0.1', (error) => (error === null ? resolve() : reject(error)));
        return promise;
      }),
    );
  } finally {
    socket.close();
  }
}
