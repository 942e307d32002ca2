import { readFile, statfs } from 'node:fs/promises';
import type { TlsOptions } from 'node:tls';
import type { Config, ListenAddress } from '#config/config.ts';
import { PortcullisError } from '#contract/errors.ts';
import { makeEvent } from '#contract/event.ts';
import type { NewId } from '#lib/ids.ts';
import type { Logger } from '#lib/log.ts';
import type { Clock } from '#lib/time.ts';
import type { Stream } from '#stream/stream.ts';
import { isInRanges } from '#lib/ip.ts';
import { createDispatch } from './dispatch.ts';
import { EventQueue } from './event-queue.ts';
import { readKernelDrops, type ReadKernelDrops } from './listen/kernel-drops.ts';
import { listenTcp, type TcpListener } from './listen/tcp-listener.ts';
import { listenUdp, type UdpListener } from './listen/udp-listener.ts';
import type { NormaliseMessage } from './normalise-message.ts';
import type { Sources } from './sources/sources.ts';
import type { IntakeStatus } from './status.ts';
import { createZone } from '#domain/syslog/zone.ts';

export interface IntakeOptions {
  readonly config: Config['intake'];
  readonly dataDir: string;
  /** With less free in the data folder nothing is taken. */
  readonly minimumFreeBytes: number;
  readonly stream: Pick<Stream, 'publish'>;
  readonly sources: Sources;
  readonly normalise: NormaliseMessage;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly logger: Logger;
  /** For tests: free bytes where the events are stored. */
  readonly freeBytes?: (dataDir: string) => Promise<number>;
  readonly readKernelDrops?: ReadKernelDrops;
  readonly maxQueuedBytes?: number;
  readonly maxHeldBytes?: number;
}

export interface Intake extends AsyncDisposable {
  readonly status: () => IntakeStatus;
  /** Looks at the disk and at what the kernel dropped, as it does by itself every second. */
  readonly look: () => Promise<void>;
}

const MAX_QUEUED_BYTES = 32 * 1024 * 1024;
/**
 * Who can be made to wait waits as soon as there is something to do meanwhile: an event that is stored soon costs the
 * garbage collector next to nothing, one that waits for half a second is copied and kept for long. Only their own bytes
 * count: a flood of datagrams must not silence those who show who they are.
 */
const MAX_QUEUED_BY_WAITERS_BYTES = 6 * 1024 * 1024;
/** Unfinished frames of all connections together. */
const MAX_HELD_BYTES = 64 * 1024 * 1024;
const LOOK_MS = 1000;
/** The disk is looked at more often while much is stored: what comes within a second may be more than is kept free. */
const LOOK_BYTES = 8 * 1024 * 1024;

/**
 * Takes foreign events: listens, frames, reads headers, makes events, publishes them. A sender over TCP waits when the
 * stream is slow or the disk is short; datagrams are dropped then, counted, and told in `events.dropped`.
 */
export async function startIntake(options: IntakeOptions): Promise<Intake> {
  const { config, dataDir, minimumFreeBytes, stream, sources, clock, newId, logger } = options;
  const zone = createZone(config.zone);
  if (zone === undefined) throw new Error('the zone was not checked');
  await using stack = new AsyncDisposableStack();
  const tcp: TcpListener[] = [];
  const udp: UdpListener[] = [];
  let isDiskShort = false;
  let held = 0;
  const maxHeldBytes = options.maxHeldBytes ?? MAX_HELD_BYTES;
  const resume = (): void => {
    if (hasRoomForWaiters()) for (const listener of tcp) listener.resume();
  };
  let storedUnlooked = 0;
  const onStored = (bytes: number): void => {
    storedUnlooked += bytes;
    if (storedUnlooked >= LOOK_BYTES) {
      storedUnlooked = 0;
      void lookAtDisk().catch(unreadable);
    }
    resume();
  };
  const queue = stack.use(new EventQueue({ stream, logger, onStored }));
  const maxQueuedBytes = options.maxQueuedBytes ?? MAX_QUEUED_BYTES;
  const hasRoom = (): boolean => !isDiskShort && queue.bytes < maxQueuedBytes;
  const hasRoomForWaiters = (): boolean => hasRoom() && queue.waitersBytes < MAX_QUEUED_BY_WAITERS_BYTES;
  const dispatch = createDispatch({
    queue,
    sources,
    normalise: options.normalise,
    zone,
    clock,
    newId,
    logger,
  });
  const inAllowed = isInRanges(config.allowFrom);
  const isAllowed = (address: string): boolean => config.allowFrom.length === 0 || inAllowed(address);

  const unreadable = (error: unknown): void =>
    logger.error({ err: error }, 'the state of the intake could not be read');
  const freeBytes = options.freeBytes ?? freeBytesOf;
  const lookAtDisk = async (): Promise<void> => {
    const isShort = (await freeBytes(dataDir)) < minimumFreeBytes;
    if (isShort === isDiskShort) return;
    isDiskShort = isShort;
    if (isShort)
      logger.error('foreign events are not taken: what is free on the disk is kept for the gateway');
    else resume();
  };
  const told = new Map<UdpListener, number>();
  const tellDrops = async (): Promise<void> => {
    for (const listener of udp) {
      await listener.poll();
      const { droppedByKernel, droppedHere } = listener.counts();
      const dropped = droppedByKernel + droppedHere;
      const events = dropped - (told.get(listener) ?? 0);
      if (events <= 0) continue;
      const now = clock();
      const address = formatListen(listener.address);
      await stream.publish([
        makeEvent('events.dropped', newId(now), now, {
          message: `${events} datagrams to ${address} were dropped: more came than could be taken.`,
          data: { events, listener: address, transport: 'udp', droppedByKernel, droppedHere },
        }),
      ]);
      told.set(listener, dropped);
    }
  };
  const look = async (): Promise<void> => {
    await lookAtDisk();
    await tellDrops();
    await sources.note();
  };

  const isOn = config.udp.length + config.tcp.length + config.tls.length > 0;
  await sources.reload();
  if (isOn) await lookAtDisk();
  const tls = config.tls.length === 0 ? null : await tlsOptions(config);
  const listen = async ({ host, port }: ListenAddress, secure: TlsOptions | null): Promise<void> => {
    const listener = await listenTcp({
      host,
      port,
      tls: secure,
      framing: config.framing,
      maxBytes: config.messageBytes,
      maxConnections: config.connections,
      idleMs: config.idleMs,
      isAllowed,
      isProxy: isInRanges(config.trustedProxies),
      hasRoom: hasRoomForWaiters,
      onFrame: dispatch.take,
      mayHold: (growth) => {
        held += growth;
        return growth <= 0 || held <= maxHeldBytes;
      },
      logger,
    });
    tcp.push(listener);
    stack.use(listener);
  };
  for (const address of config.tcp) await orSay('tcp', address, listen(address, null));
  for (const address of config.tls) await orSay('tls', address, listen(address, tls));
  for (const address of config.udp) {
    const listening = listenUdp({
      host: address.host,
      port: address.port,
      sockets: config.udpSockets,
      maxBytes: config.datagramBytes,
      isAllowed,
      hasRoom,
      onFrame: dispatch.take,
      readKernelDrops: options.readKernelDrops ?? readKernelDrops,
    });
    const listener = await orSay('udp', address, listening);
    udp.push(listener);
    stack.use(listener);
  }

  let looking: Promise<void> = Promise.resolve();
  const lookAgain = (): void => {
    looking = looking.then(look).catch(unreadable);
  };
  const timer = isOn ? setInterval(lookAgain, LOOK_MS) : undefined;
  const open = stack.move();
  return {
    look,
    status: () => ({
      listeners: [
        ...udp.map((one) => ({
          transport: 'udp' as const,
          address: formatListen(one.address),
          connections: 0,
          ...one.counts(),
        })),
        ...tcp.map((one, index) => ({
          transport: index < config.tcp.length ? ('tcp' as const) : ('tls' as const),
          address: formatListen(one.address),
          connections: one.connections(),
          ...one.counts(),
        })),
      ],
      problem: isDiskShort ? 'the disk is short: what is free is kept for the gateway' : queue.problem,
      lastMessageMs: dispatch.lastMessageMs(),
    }),
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await looking;
      // Listeners first, then what they took is stored.
      await open.disposeAsync();
      await sources
        .note(true)
        .catch((error: unknown) => logger.error({ err: error }, 'log sources could not be noted'));
      await tellDrops().catch((error: unknown) => logger.error({ err: error }, 'drops could not be told'));
    },
  };
}

/** An address that cannot be listened on is told by the key that named it. */
async function orSay<T>(
  transport: 'udp' | 'tcp' | 'tls',
  address: ListenAddress,
  listening: Promise<T>,
): Promise<T> {
  try {
    return await listening;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new PortcullisError('E_CONFIG', 'The intake cannot listen.', {
      problems: [
        {
          path: `intake.${transport}`,
          message: `${formatListen(address)} cannot be listened on: ${why}; is another program there, or is the port below 1024?`,
        },
      ],
      cause: error,
    });
  }
}

async function tlsOptions({ certificate, clientCaFile }: Config['intake']): Promise<TlsOptions> {
  if (certificate === null) throw new Error('the certificate was not checked');
  return {
    cert: await readFile(certificate.certFile),
    key: await readFile(certificate.keyFile),
    minVersion: 'TLSv1.2',
    ...(clientCaFile === null
      ? {}
      : { ca: await readFile(clientCaFile), requestCert: true, rejectUnauthorized: true }),
  };
}

async function freeBytesOf(dataDir: string): Promise<number> {
  const { bavail, bsize } = await statfs(dataDir);
  return bavail * bsize;
}

function formatListen({ host, port }: ListenAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
