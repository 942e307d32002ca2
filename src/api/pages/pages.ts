import formbody from '@fastify/formbody';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { isPortcullisError } from '#contract/errors.ts';
import type { Language } from '#contract/resources/user.ts';
import { isLinkSecret } from '#identity/tokens.ts';
import { Secret } from '#lib/secret.ts';
import { clientAddress } from '../http/client-address.ts';
import type { Services } from '../services.ts';
import { addAccountPages } from '../account/pages.ts';
import { markup, page } from './layout.ts';
import { readRecoveryForm, recoveryDone, recoveryForm } from './recovery-page.ts';
import { readSetupForm, setupDone, setupForm } from './setup-page.ts';
import { completeSetup, isSetupOpen } from './setup.ts';
import { show } from './show.ts';
import { PAGE_TEXTS, pageLanguage } from './texts.ts';

const FORM_LIMIT_BYTES = 8 * 1024;
const LinkParams = z.object({ link: z.string().refine(isLinkSecret) });

/**
 * Signing in, the account page, and the pages that one-time links lead to: plain forms, rendered here. Looking at a linked one changes nothing, because mail
 * scanners look too; only the button does. A link that is unknown, used or too old always gives the same page.
 */
export function addPages(
  app: FastifyInstance,
  services: Services,
  options: { readonly isHttps: boolean },
): void {
  app.register(async (scope) => {
    await scope.register(formbody, { bodyLimit: FORM_LIMIT_BYTES });
    scope.setErrorHandler(async (error, request, reply) => showError(error, request, reply));
    addRecoveryPages(scope, services);
    addSetupPages(scope, services);
    addAccountPages(scope, services, options);
  });
}

function addRecoveryPages(scope: FastifyInstance, services: Services): void {
  const { recovery } = services;

  scope.get('/recover/:link', async (request, reply) => {
    const link = linkOf(request);
    const whom = link === undefined ? undefined : await recovery.findLink(link);
    if (whom === undefined) return showInvalid(request, reply);
    const language = pageLanguage(request.headers['accept-language'], whom.language);
    return show(reply, 200, recoveryForm(language, whom, undefined));
  });

  scope.post('/recover/:link', async (request, reply) => {
    const link = linkOf(request);
    const whom = link === undefined ? undefined : await recovery.findLink(link);
    if (link === undefined || whom === undefined) return showInvalid(request, reply);
    const language = pageLanguage(request.headers['accept-language'], whom.language);
    const form = readRecoveryForm(request.body, whom);
    if ('problem' in form) return show(reply, 400, recoveryForm(language, whom, form.problem));
    const codes = await completed(
      recovery.completeRecovery(link, { ...form, address: clientAddress(request) }),
    );
    if (codes === 'wrong code') return show(reply, 400, recoveryForm(language, whom, 'code_wrong'));
    services.policy.policyChanged();
    return show(reply, 200, recoveryDone(language, codes));
  });
}

/** A code that is not right leaves everything as it was, the link included. */
async function completed(work: Promise<readonly Secret[]>): Promise<readonly Secret[] | 'wrong code'> {
  try {
    return await work;
  } catch (error) {
    if (isPortcullisError(error) && error.problems.some(({ path }) => path === 'code')) return 'wrong code';
    throw error;
  }
}

function addSetupPages(scope: FastifyInstance, services: Services): void {
  scope.get('/setup/:link', async (request, reply) => {
    const link = linkOf(request);
    if (link === undefined || !(await isSetupOpen(services, link))) return showInvalid(request, reply);
    const language = pageLanguage(request.headers['accept-language'], 'en');
    return show(reply, 200, setupForm(language, {}, undefined));
  });

  scope.post('/setup/:link', async (request, reply) => {
    const link = linkOf(request);
    if (link === undefined || !(await isSetupOpen(services, link))) return showInvalid(request, reply);
    const language = pageLanguage(request.headers['accept-language'], 'en');
    const form = readSetupForm(request.body);
    if ('problem' in form) return show(reply, 400, setupForm(language, form.given, form.problem));
    if (!(await completeSetup(services, link, form, clientAddress(request))))
      return show(reply, 400, setupForm(language, { ...form, email: form.email ?? '' }, 'taken'));
    return show(reply, 200, setupDone(language));
  });
}

function linkOf(request: FastifyRequest): Secret | undefined {
  const params = LinkParams.safeParse(request.params);
  return params.success ? new Secret(params.data.link) : undefined;
}

function message(language: Language, which: 'linkInvalid' | 'failed'): string {
  const { title, text } = PAGE_TEXTS[language][which];
  return page(language, title, markup`<p>${text}</p>`);
}

function showInvalid(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return show(reply, 410, message(pageLanguage(request.headers['accept-language'], 'en'), 'linkInvalid'));
}

function showError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (isPortcullisError(error) && error.code === 'E_LINK_INVALID') return showInvalid(request, reply);
  // The address of the page is a secret: the route is named instead.
  request.log.error({ err: error, route: request.routeOptions.url }, 'a page failed');
  return show(reply, 500, message(pageLanguage(request.headers['accept-language'], 'en'), 'failed'));
}
