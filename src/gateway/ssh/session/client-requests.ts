import type { Connection, ServerChannel, Session } from 'ssh2';
import type { ChannelKind, Pty } from './person-channel.ts';

/** What a client may send before its channel starts, so that it cannot make us collect for ever. */
const MAX_VARIABLES = 64;
const MAX_VARIABLE_BYTES = 4096;
const MAX_TERM_LENGTH = 64;
/** Larger terminals do not exist; the emulator and the recording stay bounded. */
const MAX_COLUMNS = 1000;
const MAX_ROWS = 1000;

export interface StartRequest {
  readonly kind: ChannelKind;
  readonly command: string | null;
  readonly pty: Pty | null;
  readonly environment: ReadonlyMap<string, string>;
  readonly channel: ServerChannel;
}

export interface ClientRequestHandlers {
  /** A shell or a command is asked for; its channel is open already, so that it can be told anything. */
  start(request: StartRequest, controls: ChannelControls): void;
  /** Something that is not available; with its channel where there is one to say so on. */
  refused(
    kind: 'sftp' | 'subsystem' | 'x11' | 'agent',
    name: string,
    channel: ServerChannel | undefined,
  ): void;
  /** Whether the variable may be set on an asset. */
  environmentAllowed(name: string): boolean;
}

/** What a running channel listens to. Set by whoever runs it. */
export interface ChannelControls {
  resized: (pty: Pty) => void;
  signalled: (name: string) => void;
}

/**
 * Answers the requests of one session channel of a client. Shell and exec are accepted at once, even when
 * they will be refused: ssh2 drops what a client sends meanwhile, and a refusal with words needs the channel.
 */
export function answerSessionRequests(session: Session, handlers: ClientRequestHandlers): void {
  let pty: Pty | null = null;
  const environment = new Map<string, string>();
  const controls: ChannelControls = { resized: () => undefined, signalled: () => undefined };

  session.on('pty', (accept, _reject, info) => {
    const { term } = info as unknown as { readonly term?: unknown };
    pty = {
      term: typeof term === 'string' && /^[\x21-\x7e]+$/.test(term) ? term.slice(0, MAX_TERM_LENGTH) : 'dumb',
      columns: bounded(info.cols, MAX_COLUMNS, 80),
      rows: bounded(info.rows, MAX_ROWS, 24),
      width: info.width,
      height: info.height,
      modes: info.modes as unknown as Readonly<Record<string, number>>,
    };
    accept?.();
  });
  session.on('window-change', (accept, _reject, info) => {
    accept?.();
    if (pty === null) return;
    pty.columns = bounded(info.cols, MAX_COLUMNS, pty.columns);
    pty.rows = bounded(info.rows, MAX_ROWS, pty.rows);
    pty.width = info.width;
    pty.height = info.height;
    controls.resized(pty);
  });
  session.on('signal', (accept, _reject, info) => {
    accept?.();
    controls.signalled(info.name);
  });
  session.on('env', (accept, reject, info) => {
    const { key, val } = info;
    const fits = environment.size < MAX_VARIABLES && Buffer.byteLength(val) <= MAX_VARIABLE_BYTES;
    if (!fits || val.includes('\0') || !handlers.environmentAllowed(key)) {
      reject?.();
      return;
    }
    environment.set(key, val);
    accept?.();
  });
  session.on('x11', (_accept, reject) => {
    reject?.();
    handlers.refused('x11', 'x11', undefined);
  });
  session.on('auth-agent', (_accept, reject) => {
    reject?.();
    handlers.refused('agent', 'agent', undefined);
  });
  session.on('shell', (accept) => {
    const channel = accept() as ServerChannel | undefined;
    if (channel !== undefined)
      handlers.start({ kind: 'shell', command: null, pty, environment, channel }, controls);
  });
  session.on('exec', (accept, _reject, info) => {
    const channel = accept() as ServerChannel | undefined;
    if (channel !== undefined)
      handlers.start({ kind: 'exec', command: info.command, pty, environment, channel }, controls);
  });
  session.on('subsystem', (accept, _reject, info) => {
    const channel = accept() as ServerChannel | undefined;
    handlers.refused(info.name === 'sftp' ? 'sftp' : 'subsystem', info.name, channel);
  });
}

function bounded(value: number, most: number, otherwise: number): number {
  return Number.isInteger(value) && value > 0 ? Math.min(value, most) : otherwise;
}

/** Says no to forwarding and anything else a client asks of the connection as a whole. */
export function answerGlobalRequests(connection: Connection, refused: (name: string) => void): void {
  connection.on('request', (_accept, reject, name) => {
    reject?.();
    refused(name);
  });
}
