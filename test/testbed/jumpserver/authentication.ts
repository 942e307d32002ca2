import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Answer } from './answer.ts';
import type { Model, StandInUser } from './model.ts';

const CHALLENGE = { 'WWW-Authenticate': 'Signature realm="api",headers="(request-target) date"' };

function refused(detail: string): Answer {
  return new Answer(401, { detail, code: 'authentication_failed' }, CHALLENGE);
}

/** Who calls, by `Token` or `Signature`; an answer when nobody who may. */
export function authenticate(request: IncomingMessage, model: Model): StandInUser | Answer {
  const header = request.headers.authorization;
  if (header === undefined)
    return new Answer(
      401,
      { detail: 'Authentication credentials were not provided.', code: 'not_authenticated' },
      CHALLENGE,
    );
  const caller = header.startsWith('Token ')
    ? byToken(header.slice('Token '.length), model)
    : header.startsWith('Signature ')
      ? bySignature(header.slice('Signature '.length), request, model)
      : new Answer(401, {
          detail: 'Authentication credentials were not provided.',
          code: 'not_authenticated',
        });
  if (caller instanceof Answer) return caller;
  return caller.isActive ? caller : refused('User inactive or deleted.');
}

function byToken(token: string, model: Model): StandInUser | Answer {
  if (!/^[0-9a-f]{40}$/.test(token)) return refused('Invalid token.');
  return model.users.find((user) => user.token === token) ?? refused('Invalid token.');
}

function bySignature(text: string, request: IncomingMessage, model: Model): StandInUser | Answer {
  const parts = new Map<string, string>();
  for (const part of text.split(',')) {
    const match = /^([a-zA-Z]+)="([^"]*)"$/.exec(part.trim());
    if (match === null || parts.has(match[1] ?? '')) return refused('Invalid signature.');
    parts.set(match[1] ?? '', match[2] ?? '');
  }
  const { date } = request.headers;
  const isWellFormed =
    parts.get('algorithm') === 'hmac-sha256' &&
    parts.get('headers') === '(request-target) date' &&
    date !== undefined &&
    new Date(date).toUTCString() === date;
  const owner = model.users.find((user) => user.accessKey?.id === parts.get('keyId'));
  if (!isWellFormed || owner?.accessKey === null || owner === undefined) return refused('Invalid signature.');
  const signed = `(request-target): ${(request.method ?? '').toLowerCase()} ${request.url ?? ''}\ndate: ${date}`;
  const expected = createHmac('sha256', owner.accessKey.secret).update(signed).digest();
  const given = Buffer.from(parts.get('signature') ?? '', 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected)
    ? owner
    : refused('Invalid signature.');
}
