import { createHash, createPrivateKey, sign } from 'node:crypto';
import ssh2 from 'ssh2';

/** What of ssh2's client the raw client drives directly. */
interface Protocol {
  _onPayload: (payload: Buffer) => unknown;
  service: (name: string) => void;
  readonly _kex: { readonly sessionID: Buffer };
  readonly _packetRW: {
    readonly write: {
      readonly allocStart: number;
      alloc(size: number): Buffer;
      finalize(packet: Buffer): Buffer;
    };
  };
  readonly _cipher: { encrypt(packet: Buffer): void };
}

const DISCONNECT = 1;
const FAILURE = 51;

export function string(value: string | Uint8Array): Buffer {
  const body = Buffer.from(value as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

export const SERVICE_REQUEST = Buffer.concat([Buffer.of(5), string('ssh-userauth')]);

export function authRequest(user: string | Uint8Array, method: string, ...fields: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.of(50), string(user), string('ssh-connection'), string(method), ...fields]);
}

export const passwordRequest = (user: string | Uint8Array, password: string): Buffer =>
  authRequest(user, 'password', Buffer.of(0), string(password));

export const keyQuery = (user: string, blob: Buffer, algorithm = 'ssh-ed25519'): Buffer =>
  authRequest(user, 'publickey', Buffer.of(0), string(algorithm), string(blob));

/** A client that does the key exchange and then sends exactly what it is told, and shows exactly what comes. */
export class RawClient implements Disposable {
  readonly #client = new ssh2.Client();
  readonly #protocol: Protocol;
  readonly #messages: Buffer[] = [];
  #isClosed = false;
  #wake: (() => void) | undefined;

  private constructor(port: number, localAddress: string) {
    this.#client.on('error', () => undefined);
    this.#client.on('close', () => {
      this.#isClosed = true;
      this.#wake?.();
    });
    this.#client.connect({ host: '127.0.0.1', port, localAddress, username: 'unused', readyTimeout: 0 });
    this.#protocol = (this.#client as unknown as { readonly _protocol: Protocol })._protocol;
    this.#protocol.service = () => undefined;
    const pass = this.#protocol._onPayload;
    this.#protocol._onPayload = (payload) => {
      if (payload[0] === 20) return pass(payload);
      this.#messages.push(Buffer.from(payload));
      this.#wake?.();
      return undefined;
    };
  }

  /** Connects and exchanges keys. Nothing else was sent when it resolves, the service request neither. */
  static async open(port: number, localAddress = '127.0.0.1'): Promise<RawClient> {
    const raw = new RawClient(port, localAddress);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    raw.#client.once('handshake', () => resolve());
    raw.#client.once('close', () => reject(new Error('closed during the key exchange')));
    await promise;
    return raw;
  }

  /** Connected, and the service for authentication accepted. */
  static async atAuthentication(port: number, localAddress = '127.0.0.1'): Promise<RawClient> {
    const raw = await RawClient.open(port, localAddress);
    raw.send(SERVICE_REQUEST);
    await raw.answer();
    return raw;
  }

  send(payload: Buffer): void {
    const writer = this.#protocol._packetRW.write;
    const packet = writer.alloc(payload.length);
    packet.set(payload, writer.allocStart);
    this.#protocol._cipher.encrypt(writer.finalize(packet));
  }

  /** The next message that is not mere information; `closed` when the connection ends before. */
  async answer(): Promise<Buffer | 'closed'> {
    for (;;) {
      const next = this.#messages.shift();
      // EXT_INFO and the banner may come before any answer.
      if (next !== undefined && next[0] !== 7 && next[0] !== 53) return next;
      if (next === undefined) {
        if (this.#isClosed) return 'closed';
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#wake = resolve;
        await promise;
      }
    }
  }

  /** Sends and tells the number of the message that answers: 51 failure, 52 success, 60 prompts or key accepted. */
  async ask(payload: Buffer): Promise<number | 'closed'> {
    this.send(payload);
    const answer = await this.answer();
    return answer === 'closed' ? 'closed' : (answer[0] ?? 0);
  }

  /** Sends, and tells whether the connection ended without opening anything: refusals and words may come before. */
  async endsConnection(payload: Buffer): Promise<boolean> {
    this.send(payload);
    for (;;) {
      const answer = await this.answer();
      if (answer === 'closed') return true;
      if (answer[0] !== DISCONNECT && answer[0] !== FAILURE) return false;
    }
  }

  /** A signed request: the key that is shown, and the key that signs (OpenSSH private key text). */
  keyProof(user: string, shown: Buffer, signer: string): Buffer {
    const request = authRequest(user, 'publickey', Buffer.of(1), string('ssh-ed25519'), string(shown));
    const signed = Buffer.concat([string(this.#protocol._kex.sessionID), request]);
    const signature = string(Buffer.concat([string('ssh-ed25519'), string(signWith(signer, signed))]));
    return Buffer.concat([request, signature]);
  }

  /** A request signed as a FIDO token signs (OpenSSH PROTOCOL.u2f). `flags` 1: it was touched. */
  fidoProof(
    user: string,
    key: { readonly blob: Buffer; readonly privateKey: string },
    flags: number,
  ): Buffer {
    const algorithm = 'sk-ssh-ed25519@openssh.com';
    const request = authRequest(user, 'publickey', Buffer.of(1), string(algorithm), string(key.blob));
    const digest = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest();
    const state = Buffer.of(flags, 0, 0, 0, 1);
    const signed = digest(Buffer.concat([string(this.#protocol._kex.sessionID), request]));
    const bare = sign(null, Buffer.concat([digest('ssh:'), state, signed]), createPrivateKey(key.privateKey));
    return Buffer.concat([request, string(Buffer.concat([string(algorithm), string(bare), state]))]);
  }

  [Symbol.dispose](): void {
    this.#client.destroy();
  }
}

function signWith(privateKey: string, data: Buffer): Buffer {
  const parsed = ssh2.utils.parseKey(privateKey);
  if (parsed instanceof Error) throw parsed;
  return sign(null, data, createPrivateKey(parsed.getPrivatePEM()));
}
