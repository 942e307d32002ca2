import type { FastifyInstance, FastifyRequest } from 'fastify';
import { passwordProblem } from '#identity/password-rules.ts';
import { sameHash } from '#identity/tokens.ts';
import { formToken, openWebSession, readWebSessions } from '#identity/web-sessions.ts';
import { Secret } from '#lib/secret.ts';
import { monotonicClock } from '#lib/time.ts';
import { setPasswordHash } from '#state/user-writer.ts';
import { circumstances, refuser } from '../access/refuse-sign-in.ts';
import { auditor } from '../audit.ts';
import { PageCookie } from '../http/cookies.ts';
import { show } from '../pages/show.ts';
import { pageLanguage } from '../pages/texts.ts';
import type { Services } from '../services.ts';
import { accountPage, type AccountView } from './account-views.ts';
import { addEnrolmentPages } from './enrolment.ts';
import { addSignInPages, isFromElsewhere } from './sign-in.ts';
import { AccountForm, type OnSubmit } from './submission.ts';
import { end, findSignedIn, inSession, type SignedIn } from './signed-in.ts';

/** Signing in, and what people do about their own account. The cookie opens these pages and nothing else. */
export function addAccountPages(
  scope: FastifyInstance,
  services: Services,
  { isHttps }: { readonly isHttps: boolean },
): void {
  const sessionCookie = new PageCookie('portcullis', isHttps);
  const refuse = refuser(services);
  addSignInPages(scope, { services, isHttps, sessionCookie });

  const viewOf = async (
    request: FastifyRequest,
    { user, session, cookie }: SignedIn,
  ): Promise<AccountView> => ({
    language: pageLanguage(request.headers['accept-language'], user.language),
    username: user.username,
    isEnrolled: user.secondFactor.isEnrolled,
    isOwed: owes({ user }),
    sessions: await readWebSessions(services.state.reader, user.id, services.clock()),
    sessionId: session.id,
    formToken: formToken(cookie),
  });

  const onSubmit: OnSubmit = (path, handler) =>
    scope.post(path, async (request, reply) => {
      const me = await findSignedIn(services, request, sessionCookie);
      if (me === undefined) return reply.redirect('/sign-in', 303);
      const parsed = AccountForm.safeParse(request.body);
      if (!parsed.success || isFromElsewhere(request) || !sameHash(parsed.data.form, formToken(me.cookie)))
        return show(reply, 403, accountPage(await viewOf(request, me), 'too_late'));
      const form = parsed.data;
      const view = (): Promise<AccountView> => viewOf(request, me);
      return handler({
        request,
        reply,
        me,
        form,
        view,
        again: async (problem) => show(reply, 400, accountPage(await view(), problem)),
        confirm: async () => {
          const since = monotonicClock();
          const { user } = me;
          const login = circumstances(request, user.username, 'web');
          const code = user.secondFactor.isEnrolled ? new Secret(form['present-code']) : undefined;
          const decision = await services.signIn.password(login.attempt, new Secret(form.present), code);
          if (decision.verdict === 'allow') return decision.value.user.id === user.id;
          await refuse(request, reply, login, decision, since);
          return false;
        },
      });
    });

  scope.get('/account', async (request, reply) => {
    const me = await findSignedIn(services, request, sessionCookie);
    if (me === undefined) return reply.redirect('/sign-in', 303);
    return show(reply, 200, accountPage(await viewOf(request, me)));
  });

  addEnrolmentPages(services, onSubmit);

  onSubmit('/account/password', async ({ reply, me, form, again, confirm }) => {
    if (owes(me)) return again('code_missing');
    const problem = passwordProblem(form.password, me.user.username);
    if (problem !== undefined) return again(problem);
    if (form.password !== form.repeat) return again('not_repeated');
    if (!(await confirm())) return again('not_confirmed');
    const hash = await services.passwords.hash(new Secret(form.password));
    const { user, address } = me;
    const fresh = await inSession(services, me, async (tx, emit, now) => {
      await setPasswordHash(tx, user.id, hash, now);
      auditor(emit, { name: user.username, address }, now).passwordChanged(user.username);
      return openWebSession(tx, { userId: user.id, address }, services.webSessions, now);
    });
    if (fresh !== undefined) sessionCookie.set(reply, fresh.secret);
    return reply.redirect('/account', 303);
  });

  onSubmit('/account/sessions/end', async ({ reply, me, form, again }) => {
    if (owes(me)) return again('code_missing');
    const { user, address } = me;
    await inSession(services, me, (tx, emit, now) =>
      end(tx, emit, { session: { id: form.session }, user, by: user.username, address }, now),
    );
    return reply.redirect('/account', 303);
  });

  onSubmit('/sign-out', async ({ reply, me }) => {
    const { session, user, address } = me;
    await inSession(services, me, (tx, emit, now) =>
      end(tx, emit, { session, user, by: user.username, address }, now),
    );
    sessionCookie.clear(reply);
    return reply.redirect('/sign-in', 303);
  });
}

function owes({ user }: Pick<SignedIn, 'user'>): boolean {
  return user.secondFactor.isRequired && !user.secondFactor.isEnrolled;
}
