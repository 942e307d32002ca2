import type {
  AuthContext,
  AuthenticationType,
  Connection,
  KeyboardAuthContext,
  PasswordAuthContext,
  PublicKeyAuthContext,
} from 'ssh2';
import { fault } from '#domain/access/decision.ts';
import type { Authenticator, OfferedKey } from '#identity/authenticator.ts';
import { codeConversation, loginConversation } from '#identity/conversation.ts';
import type { Challenge, Identity, LoginAttempt, LoginDecision } from '#identity/login-attempt.ts';
import {
  loginFailedEvent,
  loginSucceededEvent,
  typedNameForLog,
  type LoginCircumstances,
} from '#identity/login-events.ts';
import { keyFingerprint } from '#identity/public-keys.ts';
import { waitToRefuse } from '#identity/refusal-pace.ts';
import { newId } from '#lib/ids.ts';
import type { JsonObject } from '#lib/json.ts';
import type { Logger } from '#lib/log.ts';
import { Secret } from '#lib/secret.ts';
import { monotonicClock, type Clock } from '#lib/time.ts';
import { parseLoginName, type LoginName } from '../login-name.ts';
import type { LoginMethod } from '../login.ts';
import type { EventOutlet, Publish } from './event-outlet.ts';
import { canAnswer, disconnect, forgetAbandonedRequest, REASON_PROTOCOL_ERROR } from './internals.ts';
import type { MessageGate } from './message-gate.ts';
import type { Origin } from './opening.ts';

/** Offered to every name alike. */
const METHODS: AuthenticationType[] = ['publickey', 'password', 'keyboard-interactive'];

/** What is left when a key was proved and a code is owed: partial success (RFC 4252 section 5.1). */
const AFTER_KEY: AuthenticationType[] = ['keyboard-interactive'];

/** Somebody is in: their event is durable, and the connection says so next. */
export interface Admitted {
  readonly loginId: string;
  readonly identity: Identity;
  readonly method: LoginMethod;
  readonly name: LoginName;
}

export interface AuthenticationOptions {
  readonly connection: Connection;
  readonly gate: MessageGate;
  readonly authenticator: Authenticator;
  readonly origin: Origin;
  readonly clientSoftware: string;
  /** Failed requests until the connection ends. */
  readonly tries: number;
  /** Aborts when the connection is gone. */
  readonly closed: AbortSignal;
  readonly publish: Publish;
  readonly outlet: EventOutlet;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called right before the client is told; ssh2 then says `ready`. */
  readonly onAdmitted: (admitted: Admitted) => void;
}

const NOT_PROVED = { verdict: 'deny', code: 'key_not_proved', credential: 'unchecked' } as const;
const MALFORMED = { verdict: 'deny', code: 'malformed_request', credential: 'unchecked' } as const;

type Refusal = Exclude<LoginDecision, { verdict: 'allow' }>;
type Method = AuthContext['method'];

/**
 * The authentication part of one connection (RFC 4252, 4256): requests one after the other, each ends in success,
 * a refusal, prompts, or the word that a key would do. All refusals are the same bytes at the same pace.
 */
export class Authentication {
  readonly #options: AuthenticationOptions;
  #typedName: string | undefined;
  #failures = 0;
  #requests = 0;
  #isDone = false;
  /** Keys that were shown and refused since the last event: they are told with the next one. */
  #refusedOffers: { readonly fingerprint: string; readonly refusal: Refusal }[] = [];
  /** Keys that were shown and would do. */
  readonly #acceptedOffers: string[] = [];
  #hasTold = false;
  /** Whose key was proved, and who owes a code now. */
  #proved: Identity | undefined;
  #current: Promise<void> = Promise.resolve();

  constructor(options: AuthenticationOptions) {
    this.#options = options;
    options.connection.on('authentication', (context) => {
      this.#current = this.#onRequest(context);
    });
  }

  /** The name that was typed, once one was. */
  get typedName(): string | undefined {
    return this.#typedName;
  }

  /** Whether any event says what was tried on this connection. */
  get hasTold(): boolean {
    return this.#hasTold;
  }

  /**
   * For when the connection is gone: lets a request that is being decided come to its end, and tells what only now
   * is known not to be followed by a login.
   */
  async end(): Promise<void> {
    await this.#current;
    if (this.#isDone) return;
    this.#isDone = true;
    const lastRefused = this.#refusedOffers.at(-1);
    if (this.#acceptedOffers.length > 0) {
      void this.#tellFailure('publickey', NOT_PROVED, { acceptedKeys: this.#acceptedOffers });
    } else if (lastRefused !== undefined) {
      void this.#tellFailure('publickey', lastRefused.refusal);
    }
  }

  async #onRequest(context: AuthContext): Promise<void> {
    const receivedAtMs = monotonicClock();
    this.#typedName ??= context.username;
    this.#requests += 1;
    try {
      if (this.#proved !== undefined && context.method !== 'keyboard-interactive') {
        await this.#refuse(context, receivedAtMs);
        return;
      }
      switch (context.method) {
        case 'none':
          // The usual way to ask for the methods. Once it is free and needs no pace: it is the same for all.
          if (this.#requests === 1) this.#answer(() => context.reject(METHODS));
          else await this.#refuse(context, receivedAtMs);
          return;
        case 'hostbased':
          await this.#refuse(context, receivedAtMs, this.#tellFailure('hostbased', MALFORMED));
          return;
        case 'password':
          await this.#onPassword(context, receivedAtMs);
          return;
        case 'keyboard-interactive':
          await this.#converse(context);
          return;
        case 'publickey':
          await this.#onPublicKey(context, receivedAtMs);
          return;
      }
    } catch (error) {
      this.#options.logger.error({ err: error }, 'an authentication request failed unexpectedly');
      disconnect(this.#options.connection, REASON_PROTOCOL_ERROR, 'Internal error');
    }
  }

  async #onPassword(context: PasswordAuthContext, receivedAtMs: number): Promise<void> {
    // A change of the password comes as an object; nobody was asked for one.
    const password: unknown = context.password;
    if (typeof password !== 'string') {
      await this.#refuse(context, receivedAtMs, this.#tellFailure('password', MALFORMED));
      return;
    }
    const decision = await this.#options.authenticator.password(this.#attempt(), new Secret(password));
    await this.#conclude(context, decision, 'password', receivedAtMs);
  }

  async #onPublicKey(context: PublicKeyAuthContext, receivedAtMs: number): Promise<void> {
    const { authenticator } = this.#options;
    const key = offeredKey(context);
    const { signature, blob } = context;
    if (signature !== undefined && blob !== undefined) {
      const decision = await authenticator.keyProof(this.#attempt(), key, { signature, signed: blob });
      await this.#conclude(context, decision, 'publickey', receivedAtMs, {
        keyFingerprint: keyFingerprint(key.blob),
      });
      return;
    }
    const decision = await authenticator.keyOffer(this.#attempt(), key);
    if (decision.verdict === 'allow') {
      this.#acceptedOffers.push(keyFingerprint(key.blob));
      this.#answer(() => context.accept());
      return;
    }
    this.#refusedOffers.push({ fingerprint: keyFingerprint(key.blob), refusal: decision });
    await this.#refuse(context, receivedAtMs);
  }

  async #converse(context: KeyboardAuthContext): Promise<void> {
    const { authenticator, closed, connection, gate } = this.#options;
    const proved = this.#proved;
    const conversation =
      proved === undefined
        ? loginConversation(authenticator, this.#attempt())
        : codeConversation(authenticator, this.#attempt(), proved);
    const method = proved === undefined ? 'keyboard-interactive' : 'publickey';
    let turn = await conversation.next([]);
    while (turn.done !== true && canAnswer(connection)) {
      const prompts = turn.value.map(({ text, echo }) => ({ prompt: text, echo }));
      const answers = await ask(context, prompts, closed, () => gate.prompted());
      if (answers === undefined) {
        if (!closed.aborted) forgetAbandonedRequest(connection);
        return;
      }
      const answeredAtMs = monotonicClock();
      if (answers.length !== prompts.length) {
        await this.#refuse(context, answeredAtMs, this.#tellFailure(context.method, MALFORMED));
        return;
      }
      turn = await conversation.next(answers);
      if (turn.done === true) {
        await this.#conclude(context, turn.value, method, answeredAtMs);
      }
    }
  }

  async #conclude(
    context: AuthContext,
    decision: LoginDecision | Challenge,
    method: LoginMethod,
    receivedAtMs: number,
    details: JsonObject = {},
  ): Promise<void> {
    if (decision.verdict === 'allow') {
      const refusal = await this.#admit(context, decision.value, method, details);
      if (refusal === undefined) return;
      this.#options.logger.error(
        { detail: refusal.detail },
        'a login was refused: its event could not be stored',
      );
      await this.#refuse(context, receivedAtMs);
      return;
    }
    if (decision.verdict === 'challenge') {
      this.#proved = decision.value;
      this.#answer(() => context.reject(AFTER_KEY, true));
      return;
    }
    if (decision.verdict === 'fault') {
      this.#options.logger.error(
        { detail: decision.detail },
        'a login was refused: policy could not be asked',
      );
    }
    await this.#refuse(context, receivedAtMs, this.#tellFailure(method, decision, details));
  }

  /** Opens only after the event is durable. Returns the fault when it cannot be. */
  async #admit(
    context: AuthContext,
    identity: Identity,
    method: LoginMethod,
    details: JsonObject,
  ): Promise<Extract<Refusal, { verdict: 'fault' }> | undefined> {
    const { connection, publish, clock, onAdmitted, closed, gate } = this.#options;
    const loginId = newId();
    const circumstances = this.#circumstances(method, details);
    try {
      await publish([loginSucceededEvent(circumstances, identity, loginId, newId(), clock())]);
    } catch (error) {
      return fault('stream_unavailable', error instanceof Error ? error.message : String(error));
    }
    this.#isDone = true;
    gate.loggedIn();
    onAdmitted({ loginId, identity, method, name: parseLoginName(this.#typedName ?? '') });
    if (!closed.aborted && canAnswer(connection)) context.accept();
    return undefined;
  }

  async #refuse(
    context: AuthContext,
    receivedAtMs: number,
    told: Promise<void> = Promise.resolve(),
  ): Promise<void> {
    const { connection, closed, tries } = this.#options;
    this.#failures += 1;
    // The audit trail first: nobody may learn the outcome of a guess that leaves no trace.
    await told;
    await waitToRefuse(receivedAtMs, closed);
    if (this.#failures >= tries) {
      disconnect(connection, REASON_PROTOCOL_ERROR, 'Too many authentication failures');
    } else {
      this.#answer(() => context.reject(this.#proved === undefined ? METHODS : AFTER_KEY));
    }
  }

  #answer(send: () => void): void {
    const { closed, connection, gate } = this.#options;
    if (closed.aborted || !canAnswer(connection)) return;
    gate.answered();
    send();
  }

  #tellFailure(method: Method, refusal: Refusal, details: JsonObject = {}): Promise<void> {
    const { outlet, clock } = this.#options;
    this.#hasTold = true;
    // The name without a target behind it: what a rule counts to tell many names from many assets.
    const typedUser = typedNameForLog(this.#attempt().typedName);
    const circumstances = this.#circumstances(method, { ...details, typedUser });
    return outlet.tell(loginFailedEvent(circumstances, refusal, newId(), clock()));
  }

  #attempt(): LoginAttempt {
    const { address, port } = this.#options.origin;
    return { typedName: parseLoginName(this.#typedName ?? '').user, address, port, channel: 'ssh' };
  }

  #circumstances(method: Method, details: JsonObject): LoginCircumstances {
    const offeredKeys = this.#refusedOffers.map((offer) => offer.fingerprint);
    this.#refusedOffers = [];
    return {
      attempt: { ...this.#attempt(), typedName: this.#typedName ?? '' },
      method,
      clientSoftware: this.#options.clientSoftware,
      details: { ...details, ...(offeredKeys.length === 0 ? {} : { offeredKeys }) },
    };
  }
}

function offeredKey({ key, hashAlgo }: PublicKeyAuthContext): OfferedKey {
  // A request may end before the key; ssh2 then passes it on without one.
  const { algo, data } = key as { readonly algo: string | undefined; readonly data: Buffer | undefined };
  const rsaHash = hashAlgo === 'sha256' || hashAlgo === 'sha512' ? hashAlgo : undefined;
  return { algorithm: algo ?? '', rsaHash, blob: data ?? Buffer.alloc(0) };
}

/** Puts the questions to the client. Undefined when it began another request instead of answering, or left. */
function ask(
  context: KeyboardAuthContext,
  prompts: { prompt: string; echo: boolean }[],
  closed: AbortSignal,
  onSent: () => void,
): Promise<readonly Secret[] | undefined> {
  const { promise, resolve } = Promise.withResolvers<readonly Secret[] | undefined>();
  context.once('abort', () => resolve(undefined));
  closed.addEventListener('abort', () => resolve(undefined), { once: true });
  onSent();
  // Given an error instead of answers when the request is abandoned.
  context.prompt(prompts, (answers: unknown) => {
    resolve(Array.isArray(answers) ? answers.map((answer) => new Secret(String(answer))) : undefined);
  });
  return promise;
}
