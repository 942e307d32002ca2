import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Secret } from '#lib/secret.ts';

const MAX_HEADER_LENGTH = 4_096;

/** The value of a cookie that came with the request. */
export function readCookie(request: Pick<FastifyRequest, 'headers'>, name: string): string | undefined {
  const header = request.headers.cookie ?? '';
  if (header.length > MAX_HEADER_LENGTH) return undefined;
  return header
    .split(';')
    .map((one) => one.trim())
    .find((one) => one.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}

/** A cookie that only this server gets, that no script reads, and that no other site makes a browser send. */
export class PageCookie {
  readonly #name: string;
  readonly #flags: string;

  /** Over https the name binds it to this very host (RFC 6265bis, `__Host-`). */
  constructor(name: string, isHttps: boolean) {
    this.#name = isHttps ? `__Host-${name}` : name;
    this.#flags = `Path=/; HttpOnly; SameSite=Strict${isHttps ? '; Secure' : ''}`;
  }

  read(request: Pick<FastifyRequest, 'headers'>): string | undefined {
    return readCookie(request, this.#name);
  }

  set(reply: FastifyReply, value: Secret): void {
    reply.header('set-cookie', `${this.#name}=${value.expose()}; ${this.#flags}`);
  }

  clear(reply: FastifyReply): void {
    reply.header('set-cookie', `${this.#name}=; ${this.#flags}; Max-Age=0`);
  }
}
