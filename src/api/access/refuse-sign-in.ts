import type { FastifyReply, FastifyRequest } from 'fastify';
import { PortcullisError } from '#contract/errors.ts';
import { nameKey } from '#contract/names.ts';
import type { LoginChannel, LoginDecision } from '#identity/login-attempt.ts';
import { loginFailedEvent, type LoginCircumstances } from '#identity/login-events.ts';
import { waitToRefuse } from '#identity/refusal-pace.ts';
import { newId } from '#lib/ids.ts';
import { printable } from '#lib/printable.ts';
import { clientAddress } from '../http/client-address.ts';
import { abortedBy } from '../http/register-routes.ts';
import type { Services } from '../services.ts';

/** Who knocks with a password over HTTP, and from where. */
export function circumstances(
  request: FastifyRequest,
  typedName: string,
  channel: Exclude<LoginChannel, 'ssh'>,
): LoginCircumstances {
  return {
    attempt: {
      typedName,
      address: clientAddress(request),
      port: request.socket.remotePort ?? 0,
      channel,
    },
    method: 'password',
    clientSoftware: printable(request.headers['user-agent'] ?? '', 200),
    details: { typedUser: nameKey(printable(typedName, 64)) },
  };
}

/** Writes a refusal down and waits as long as every refusal takes. Throws E_UNAVAILABLE when nobody can be judged. */
export function refuser(services: Pick<Services, 'stream' | 'clock'>) {
  return async (
    request: FastifyRequest,
    reply: FastifyReply,
    login: LoginCircumstances,
    decision: Exclude<LoginDecision, { verdict: 'allow' }>,
    since: number,
  ): Promise<void> => {
    const now = services.clock();
    // The audit trail first: nobody may learn the outcome of a guess that leaves no trace.
    await services.stream
      .publish([loginFailedEvent(login, decision, newId(now), now)])
      .catch((error: unknown) => {
        request.log.error({ err: error }, 'a refused login could not be written to the audit trail');
      });
    await waitToRefuse(since, abortedBy(reply));
    if (decision.verdict === 'fault')
      throw new PortcullisError('E_UNAVAILABLE', 'Nobody can be signed in now. Try again in a moment.');
  };
}
