import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Manner } from '#contract/jumpserver/manner.ts';
import {
  ChallengeAnswer,
  CODE_NEEDED,
  CODE_REFUSED,
  CODE_UNSET,
  NO_CHALLENGE,
  SIGN_IN_REFUSED,
  SignInRequest,
} from '#contract/jumpserver/sign-in.ts';
import { DIALECT_SIGN_IN_ROUTES } from '#contract/jumpserver/sign-in-routes.ts';
import type { Identity } from '#identity/login-attempt.ts';
import { loginSucceededEvent, type LoginCircumstances } from '#identity/login-events.ts';
import { issueToken } from '#identity/tokens.ts';
import { newId } from '#lib/ids.ts';
import { Secret } from '#lib/secret.ts';
import { monotonicClock } from '#lib/time.ts';
import { insertToken, revokeOldestTokens } from '#state/token-writer.ts';
import { Challenges } from '../access/challenges.ts';
import { circumstances, refuser } from '../access/refuse-sign-in.ts';
import { auditor } from '../audit.ts';
import { readCookie } from '../http/cookies.ts';
import type { Services } from '../services.ts';
import { urlsOf } from './urls.ts';
import { showUser } from './user-views.ts';

const LIFETIME_MS = 24 * 3_600_000;
const TOKEN_NAME = 'signed in with a password';
/** Programs that sign in for every call must not fill the database. */
const MAX_TOKENS = 50;
const COOKIE = 'jms_sessionid';
const COOKIE_PATH = '/api/v1/authentication/';

export interface SignInOptions {
  readonly services: Services;
  readonly manner: Manner;
  readonly isHttps: boolean;
}

/**
 * Signing in with a password, for a bearer token of a day. Whoever types a name of which a code is asked gets a
 * challenge, whatever the password: it is judged together with the code. All refusals are the same.
 */
export function registerSignIn(scope: FastifyInstance, { services, manner, isHttps }: SignInOptions): void {
  const challenges = new Challenges(monotonicClock);

  const refuse = refuser(services);

  const admit = async (reply: FastifyReply, login: LoginCircumstances, identity: Identity) => {
    if (identity.secondFactor === 'owed') return reply.code(400).send(CODE_UNSET);
    const now = services.clock();
    const { user } = identity;
    const { secret, hash } = issueToken();
    const id = newId(now);
    // It opens access, so it is durable before access opens.
    await services.stream.publish([loginSucceededEvent(login, identity, id, newId(now), now)]);
    const isStillSo = await services.state.transact(async (tx, emit) => {
      // A password that was right a moment ago may be dead by now, and every token with it.
      const row = await tx
        .selectFrom('users')
        .select('passwordHash')
        .where('id', '=', user.id)
        .executeTakeFirst();
      if (row === undefined || row.passwordHash !== user.passwordHash) return false;
      await revokeOldestTokens(tx, { userId: user.id, name: TOKEN_NAME, keep: MAX_TOKENS - 1 }, now);
      await insertToken(
        tx,
        { id, userId: user.id, name: TOKEN_NAME, hash, expiresAt: now + LIFETIME_MS },
        now,
      );
      const by = { name: user.username, address: login.attempt.address };
      auditor(emit, by, now).tokenCreated(user.username, { token: id, name: TOKEN_NAME });
      return true;
    });
    if (!isStillSo) return reply.code(400).send(SIGN_IN_REFUSED);
    return reply.code(201).send({
      token: secret.expose(),
      keyword: 'Bearer',
      date_expired: manner.date(now + LIFETIME_MS),
      user: await showUser(services, user.id, manner),
    });
  };

  const signIn = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const since = monotonicClock();
    const { username, password: typed } = SignInRequest.parse(request.body);
    const password = new Secret(typed);
    const login = circumstances(request, username, 'api');
    const passed = challenges.redeem(readCookie(request, COOKIE), username, password);
    if (passed !== undefined) return admit(reply, login, passed);
    if (await services.signIn.asksCode(login.attempt)) {
      const cookie = challenges.begin(username, password).expose();
      const flags = `Path=${COOKIE_PATH}; Max-Age=600; HttpOnly; SameSite=Strict${isHttps ? '; Secure' : ''}`;
      return reply.code(200).header('set-cookie', `${COOKIE}=${cookie}; ${flags}`).send(CODE_NEEDED);
    }
    const decision = await services.signIn.password(login.attempt, password);
    if (decision.verdict === 'allow') return admit(reply, login, decision.value);
    await refuse(request, reply, login, decision, since);
    return reply.code(400).send(SIGN_IN_REFUSED);
  };

  const answerChallenge = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const since = monotonicClock();
    const { code } = ChallengeAnswer.parse(request.body);
    const cookie = readCookie(request, COOKIE);
    const challenge = challenges.find(cookie);
    if (cookie === undefined || challenge === undefined) return reply.code(400).send(NO_CHALLENGE);
    const login = circumstances(request, challenge.username, 'api');
    const decision = await services.signIn.password(login.attempt, challenge.password, new Secret(code));
    if (decision.verdict === 'allow') {
      challenges.pass(cookie, decision.value);
      return reply.code(200).send({ msg: 'ok' });
    }
    await refuse(request, reply, login, decision, since);
    return reply.code(401).send(CODE_REFUSED);
  };

  const handlers: Readonly<Record<keyof typeof DIALECT_SIGN_IN_ROUTES, typeof signIn>> = {
    signIn,
    signInForToken: signIn,
    answerChallenge,
    verifyCode: answerChallenge,
  };
  for (const [id, handler] of Object.entries(handlers)) {
    const route = DIALECT_SIGN_IN_ROUTES[id as keyof typeof handlers];
    for (const url of urlsOf(route.path))
      scope.route({
        method: route.method,
        url,
        bodyLimit: route.maxBodyBytes,
        schema: { body: route.body, response: { [route.status]: route.response, ...route.otherAnswers } },
        preValidation: async (request) => {
          request.body ??= {};
        },
        handler,
      });
  }
}
