import type { FastifyRequest } from 'fastify';
import { canonicalAddress } from '#lib/ip-text.ts';

/**
 * The client's own address in its one text form: behind a trusted proxy the one the proxy names, else the peer.
 * An IPv4 client on an IPv6 socket is an IPv4 client, or rules about it would not fit.
 */
export function clientAddress(request: Pick<FastifyRequest, 'ip'>): string {
  return canonicalAddress(request.ip) ?? request.ip;
}
