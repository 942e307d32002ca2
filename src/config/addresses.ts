import ipaddr from 'ipaddr.js';
import type { ListenAddress } from './config.ts';

/** Splits `127.0.0.1:8080` or `[::]:2222`. Returns undefined when the port is out of range. */
export function parseListen(text: string): ListenAddress | undefined {
  const colon = text.lastIndexOf(':');
  const port = Number(text.slice(colon + 1));
  if (colon < 1 || !Number.isInteger(port) || port > 65_535) return undefined;
  return { host: text.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port };
}

/** True for names and addresses that never leave this machine. A name other than `localhost` is not trusted. */
export function isLoopback(host: string): boolean {
  if (host.toLowerCase() === 'localhost') return true;
  if (!ipaddr.isValid(host)) return false;
  return ipaddr.process(host).range() === 'loopback';
}

/** True for one address, or a range in CIDR form. */
export function isAddressOrRange(text: string): boolean {
  return ipaddr.isValid(text) || ipaddr.isValidCIDR(text);
}
