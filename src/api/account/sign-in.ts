import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Identity, LoginDecision } from '#identity/login-attempt.ts';
import { loginSucceededEvent, type LoginCircumstances } from '#identity/login-events.ts';
import { openWebSession } from '#identity/web-sessions.ts';
import { newId } from '#lib/ids.ts';
import { Secret } from '#lib/secret.ts';
import { monotonicClock } from '#lib/time.ts';
import { Challenges } from '../access/challenges.ts';
import { circumstances, refuser } from '../access/refuse-sign-in.ts';
import { PageCookie } from '../http/cookies.ts';
import { show } from '../pages/show.ts';
import { pageLanguage } from '../pages/texts.ts';
import type { Services } from '../services.ts';
import { codeForm, signInForm } from './sign-in-views.ts';

const PasswordForm = z.object({ username: z.string().max(1024), password: z.string().max(1024) });
const CodeForm = z.object({ code: z.string().max(64) });

export interface AccountOptions {
  readonly services: Services;
  readonly isHttps: boolean;
  readonly sessionCookie: PageCookie;
}

/**
 * Name and password, then a code: judged by what judges SSH logins, under the same rules, locks and pauses. Who
 * types a name of which a code is asked gets to the code whatever the password was; all refusals are the same.
 */
export function addSignInPages(scope: FastifyInstance, options: AccountOptions): void {
  const { services, isHttps, sessionCookie } = options;
  const challenges = new Challenges(monotonicClock);
  const challengeCookie = new PageCookie('portcullis-sign-in', isHttps);
  const writeRefusal = refuser(services);

  const refused = (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
    show(reply, 403, signInForm(languageOf(request), 'refused'));

  const settle = async (
    request: FastifyRequest,
    reply: FastifyReply,
    login: LoginCircumstances,
    decision: LoginDecision,
    since: number,
  ): Promise<FastifyReply> => {
    if (decision.verdict !== 'allow') {
      await writeRefusal(request, reply, login, decision, since);
      return refused(request, reply);
    }
    const secret = await admit(services, login, decision.value);
    if (secret === undefined) return refused(request, reply);
    sessionCookie.set(reply, secret);
    return reply.redirect('/account', 303);
  };

  scope.get('/sign-in', async (request, reply) => show(reply, 200, signInForm(languageOf(request))));

  scope.post('/sign-in', async (request, reply) => {
    const since = monotonicClock();
    const form = PasswordForm.safeParse(request.body);
    if (!form.success || isFromElsewhere(request)) return refused(request, reply);
    const password = new Secret(form.data.password);
    const login = circumstances(request, form.data.username, 'web');
    if (await services.signIn.asksCode(login.attempt)) {
      challengeCookie.set(reply, challenges.begin(form.data.username, password));
      return show(reply, 200, codeForm(languageOf(request)));
    }
    return settle(request, reply, login, await services.signIn.password(login.attempt, password), since);
  });

  scope.post('/sign-in/code', async (request, reply) => {
    const since = monotonicClock();
    const form = CodeForm.safeParse(request.body);
    const cookie = challengeCookie.read(request);
    const challenge = challenges.find(cookie);
    if (!form.success || isFromElsewhere(request)) return refused(request, reply);
    if (cookie === undefined || challenge === undefined)
      return show(reply, 403, signInForm(languageOf(request), 'too_late'));
    // A password that was typed once is judged once.
    challenges.end(cookie);
    challengeCookie.clear(reply);
    const login = circumstances(request, challenge.username, 'web');
    const code = new Secret(form.data.code);
    const decision = await services.signIn.password(login.attempt, challenge.password, code);
    return settle(request, reply, login, decision, since);
  });
}

/** Undefined when the password died while it was judged. */
async function admit(
  services: Services,
  login: LoginCircumstances,
  identity: Identity,
): Promise<Secret | undefined> {
  const { state, stream, clock, webSessions } = services;
  const { user } = identity;
  const now = clock();
  // It opens access, so it is durable before access opens.
  await stream.publish([loginSucceededEvent(login, identity, newId(now), newId(now), now)]);
  return state.transact(async (tx) => {
    const row = await tx
      .selectFrom('users')
      .select('passwordHash')
      .where('id', '=', user.id)
      .executeTakeFirst();
    if (row === undefined || row.passwordHash !== user.passwordHash) return undefined;
    const { address } = login.attempt;
    return (await openWebSession(tx, { userId: user.id, address }, webSessions, now)).secret;
  });
}

/** Browsers say which site made them send a form; those that do not are held by the cookie and the form's token. */
export function isFromElsewhere(request: FastifyRequest): boolean {
  const site = request.headers['sec-fetch-site'];
  return site !== undefined && site !== 'same-origin';
}

function languageOf(request: FastifyRequest): 'en' | 'zh' {
  return pageLanguage(request.headers['accept-language'], 'en');
}
