import { type EventFields, makeEvent } from '#contract/event.ts';
import { PortcullisError } from '#contract/errors.ts';
import { BackOff } from '#identity/back-off.ts';
import type { SignedRequest } from '#identity/request-signature.ts';
import { findSigningKey, findValidToken } from '#identity/tokens.ts';
import { FloodSummary } from '#lib/flood-summary.ts';
import { newId } from '#lib/ids.ts';
import { addressBlock } from '#lib/ip-text.ts';
import type { Logger } from '#lib/log.ts';
import { LruMap } from '#lib/lru.ts';
import { monotonicClock, type MonotonicClock } from '#lib/time.ts';
import type { TokenRow } from '#state/schema.ts';
import { touchToken } from '#state/token-writer.ts';
import type { Services } from '../services.ts';
import type { Caller } from './caller.ts';
import { decideUse } from './decide-use.ts';

export interface Credential {
  /** The request as it came: an access key signs it. */
  readonly request: SignedRequest;
  readonly address: string;
  readonly port: number;
  readonly userAgent: string;
}

/** Disposed once no request can come any more: then it tells the refusals that are not told yet. */
export interface Authenticator extends AsyncDisposable {
  /** Throws E_UNAUTHENTICATED, E_RATE_LIMITED or E_UNAVAILABLE. Every refusal looks the same. */
  authenticate(credential: Credential): Promise<Caller>;
  /** Writes to the audit trail that a known user tried what their roles do not include. */
  noteForbidden(caller: Caller, operation: string): Promise<void>;
}

const MINUTE_MS = 60_000;
const REMEMBERED = 10_000;
/** Offices share an address; a token has 256 bits, so this only keeps the audit trail readable. */
const FAILURES = {
  freeTries: 30,
  firstPauseMs: 1_000,
  longestPauseMs: MINUTE_MS,
  forgetAfterMs: 10 * MINUTE_MS,
};

/** Addresses whose refusals are summed up apart in one minute; those of further ones are one sum. */
const SUMMED_APART = 50;

interface Refusal {
  readonly credential: Credential;
  readonly reason: string;
}

/**
 * Authenticates by bearer token or signature, anew at each request: token, owner, login rules and locks. A good token is let
 * through even while its address is slowed down for bad ones, so nobody can shut a neighbour out.
 */
export function createAuthenticator(
  services: Services,
  logger: Logger,
  monotonic: MonotonicClock = monotonicClock,
): Authenticator {
  const failures = new BackOff(FAILURES, REMEMBERED);
  /** Tokens and addresses that are known to have signed in, so that a sign-in is one event and not a million. */
  const signedIn = new LruMap<string, true>(REMEMBERED);
  const touched = new LruMap<string, number>(REMEMBERED);

  /** A refusal opens nothing, so it stands even when the audit trail cannot be written. */
  const note = async (fields: EventFields): Promise<void> => {
    const now = services.clock();
    const event = makeEvent('api.refused', newId(now), now, {
      message: 'An API call was refused.',
      ...fields,
    });
    await services.stream.publish([event]).catch((error: unknown) => {
      logger.error({ err: error }, 'a refused call could not be written to the audit trail');
    });
  };

  const telling = new Set<Promise<void>>();
  /** Beyond the free tries a refusal is no event of its own any more, but it is counted. */
  const slowedDown = new FloodSummary<Refusal>({
    perSource: 0,
    perWindow: 0,
    windowMs: MINUTE_MS,
    maxSources: SUMMED_APART,
    sourceOf: ({ credential }) => addressBlock(credential.address),
    reasonOf: ({ reason }) => reason,
    tellOne: () => undefined,
    tellMany: ({ example, count, reasons }, source) => {
      const told = note({
        ...(source === null ? {} : { address: example.credential.address }),
        message: `${count} API calls from ${source ?? 'many addresses'} were refused and slowed down within a minute.`,
        data: {
          channel: 'api',
          reason: 'rate_limited',
          count,
          reasons,
          ...(source === null ? {} : { source }),
        },
      });
      telling.add(told);
      void told.then(() => telling.delete(told));
    },
  });

  const refuse = async (credential: Credential, reason: string, user?: string): Promise<never> => {
    const block = addressBlock(credential.address);
    const waitMs = failures.waitMs(block, monotonic());
    if (waitMs > 0) {
      slowedDown.add({ credential, reason });
      throw new PortcullisError(
        'E_RATE_LIMITED',
        `Too many refused requests. Wait ${Math.ceil(waitMs / 1000)} seconds.`,
        {
          cause: { retryAfterSeconds: Math.ceil(waitMs / 1000) },
        },
      );
    }
    failures.charge(block, monotonic());
    await note({
      ...(user === undefined ? {} : { user }),
      address: credential.address,
      port: credential.port,
      data: { channel: 'api', reason, client: credential.userAgent },
    });
    throw new PortcullisError('E_UNAUTHENTICATED', 'No valid credential came with the request.');
  };

  return {
    noteForbidden: (caller, operation) =>
      note({
        user: caller.name,
        address: caller.address,
        data: { channel: 'api', reason: 'role', operation },
      }),
    async authenticate(credential) {
      const now = services.clock();
      const token = await findToken(services, credential.request, now);
      if (token === 'none') return refuse(credential, 'no_credential');
      if (token === undefined) return refuse(credential, 'unknown_token');
      const user = await services.users.findById(token.userId);
      if (user === undefined) return refuse(credential, 'unknown_user');

      const decision = await decideUse(services, user, credential.address);
      if (decision.verdict === 'deny') return refuse(credential, decision.code, user.username);
      if (decision.verdict === 'fault')
        throw new PortcullisError('E_UNAVAILABLE', 'Access cannot be decided now. Try again.');

      const place = `${token.id} ${credential.address}`;
      if (signedIn.get(place) === undefined) {
        // It opens access, so it is durable before access opens.
        await services.stream.publish([
          makeEvent('web.signed_in', newId(now), now, {
            user: user.username,
            address: credential.address,
            port: credential.port,
            message: `Signed in with an ${token.sealed === null ? 'API token' : 'access key'}.`,
            data: {
              channel: 'api',
              method: token.sealed === null ? 'token' : 'access-key',
              token: token.id,
              client: credential.userAgent,
            },
          }),
        ]);
        signedIn.set(place, true);
      }
      if (now - (touched.get(token.id) ?? token.lastUsedAt ?? 0) >= MINUTE_MS) {
        touched.set(token.id, now);
        // Nice to know; a full disk must not keep out whoever comes to free it.
        await services.state
          .transact((tx) => touchToken(tx, token.id, now))
          .catch((error: unknown) => logger.warn({ err: error }, 'the use of a token could not be noted'));
      }
      return {
        name: user.username,
        userId: user.id,
        roles: user.roles,
        address: credential.address,
        credentialExpiresAt: token.expiresAt,
      };
    },
    async [Symbol.asyncDispose]() {
      slowedDown.flush();
      await Promise.all(telling);
    },
  };
}

/** What came with the request, when it is valid; `none` when nothing of the kind did. */
async function findToken(
  { state, vault }: Pick<Services, 'state' | 'vault'>,
  request: SignedRequest,
  now: number,
): Promise<TokenRow | 'none' | undefined> {
  const { authorization } = request.headers;
  if (typeof authorization !== 'string') return 'none';
  if (/^Signature /i.test(authorization)) return findSigningKey(state.reader, vault, request, now);
  const presented = bearer(authorization);
  return presented === undefined ? 'none' : findValidToken(state.reader, presented, now);
}

/**
 * RFC 6750 section 2.1; `Token` is what clients of JumpServer call the same. The scheme is compared without case
 * (RFC 9110 section 11.1).
 */
function bearer(header: string): string | undefined {
  const match = /^(?:Bearer|Token) +([^\s]{1,512})$/i.exec(header);
  return match?.[1];
}
