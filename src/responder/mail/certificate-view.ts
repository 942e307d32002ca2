import type { TLSSocket } from 'node:tls';
import { printable } from '#lib/printable.ts';

const NAME_SHOWN = 120;

/** TLS version, and whose certificate it is, from whom, until when: one line. */
export function describeTls(socket: TLSSocket): string {
  const { subject, subjectaltname, issuer } = socket.getPeerCertificate();
  const expires = expiryOf(socket);
  const until = expires === null ? 'an unknown day' : new Date(expires).toISOString().slice(0, 10);
  const names = (subjectaltname ?? '').replaceAll('DNS:', '');
  const whose = nameIn(subject) ?? (names === '' ? 'nobody' : names);
  return `${socket.getProtocol() ?? 'TLS'}, certificate of ${printable(whose, NAME_SHOWN)}, issued by ${printable(nameIn(issuer) ?? 'nobody', NAME_SHOWN)}, valid until ${until}`;
}

/** When the certificate of the server expires; epoch milliseconds. */
export function expiryOf(socket: TLSSocket): number | null {
  const time = Date.parse(socket.getPeerCertificate().valid_to);
  return Number.isNaN(time) ? null : time;
}

/** Common name, else organisation. Either may be there several times. */
function nameIn(fields: object | undefined): string | undefined {
  const named: Readonly<Record<string, unknown>> = { ...fields };
  const name = [named['CN'] ?? named['O']].flat()[0];
  return typeof name === 'string' ? name : undefined;
}
