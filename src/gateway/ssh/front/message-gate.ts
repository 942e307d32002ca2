/** Message numbers of RFC 4250 section 4.1 and RFC 8308 that a client may send before it is logged in. */
const DISCONNECT = 1;
const DEBUG = 4;
const SERVICE_REQUEST = 5;
const EXT_INFO = 7;
const USERAUTH_FIRST = 50;
const USERAUTH_REQUEST = 50;
const USERAUTH_LAST = 79;
const USERAUTH_INFO_RESPONSE = 61;

/** Longest user name, in bytes; a name of ours has at most 63 and a target twice as much. */
export const USER_NAME_MAX_BYTES = 256;
const WORD_MAX_BYTES = 64;
/** Answers to prompts in one message. Allocated before they are read, so bounded before that. */
const MAX_RESPONSES = 16;
const MAX_MESSAGES_BEFORE_LOGIN = 200;
const MAX_BYTES_BEFORE_LOGIN = 512 * 1024;

/**
 * Judges every message of an encrypted connection before ssh2 sees it. ssh2 answers some messages that have no
 * place before login, takes a login without the service request, lets requests overtake each other, and reserves
 * memory for as many answers as a client announces.
 */
export class MessageGate {
  #isLoggedIn = false;
  #hasService = false;
  #request: 'none' | 'pending' | 'prompted' = 'none';
  #user: Buffer | undefined;
  #messages = 0;
  #bytes = 0;

  /** The pending authentication request was answered. */
  answered(): void {
    this.#request = 'none';
  }

  /** The pending request was answered with prompts; the client may answer them, or begin anew. */
  prompted(): void {
    this.#request = 'prompted';
  }

  loggedIn(): void {
    this.#isLoggedIn = true;
  }

  /** Why the message may not pass; undefined when it may. Its first byte is the message number. */
  inspect(payload: Buffer): string | undefined {
    const type = payload[0] ?? 0;
    const isAuthentication = type >= USERAUTH_FIRST && type <= USERAUTH_LAST;
    if (this.#isLoggedIn) {
      return isAuthentication || type === SERVICE_REQUEST ? 'authentication after login' : undefined;
    }
    this.#messages += 1;
    this.#bytes += payload.length;
    if (this.#messages > MAX_MESSAGES_BEFORE_LOGIN || this.#bytes > MAX_BYTES_BEFORE_LOGIN) {
      return 'too much before login';
    }
    if ((type >= DISCONNECT && type <= DEBUG) || type === EXT_INFO) return undefined;
    if (type === SERVICE_REQUEST) return this.#onServiceRequest();
    if (type === USERAUTH_REQUEST) return this.#onRequest(payload);
    if (type === USERAUTH_INFO_RESPONSE) return this.#onInfoResponse(payload);
    return `message ${type} before login`;
  }

  #onServiceRequest(): string | undefined {
    if (this.#hasService) return 'a second service request';
    this.#hasService = true;
    return undefined;
  }

  #onRequest(payload: Buffer): string | undefined {
    if (!this.#hasService) return 'authentication without the service request';
    if (this.#request === 'pending') return 'a request before the last one was answered';
    const user = readString(payload, 1, USER_NAME_MAX_BYTES);
    if (user === undefined) return 'a user name that is too long';
    const service = readString(payload, 1 + 4 + user.length, WORD_MAX_BYTES);
    const methodAt = 1 + 4 + user.length + 4 + (service?.length ?? 0);
    if (service === undefined || readString(payload, methodAt, WORD_MAX_BYTES) === undefined) {
      return 'a request that cannot be read';
    }
    // ssh2 compares decoded text, in which different bytes can look the same.
    if (this.#user !== undefined && !this.#user.equals(user)) return 'another user name than before';
    this.#user ??= Buffer.from(user);
    this.#request = 'pending';
    return undefined;
  }

  #onInfoResponse(payload: Buffer): string | undefined {
    if (this.#request !== 'prompted') return 'an answer nobody asked for';
    if (payload.length < 5 || payload.readUInt32BE(1) > MAX_RESPONSES) return 'too many answers';
    this.#request = 'pending';
    return undefined;
  }
}

function readString(payload: Buffer, offset: number, maxLength: number): Buffer | undefined {
  if (payload.length < offset + 4) return undefined;
  const length = payload.readUInt32BE(offset);
  const end = offset + 4 + length;
  return length > maxLength || end > payload.length ? undefined : payload.subarray(offset + 4, end);
}
