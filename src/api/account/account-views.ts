import type { Language } from '#contract/resources/user.ts';
import type { Secret } from '#lib/secret.ts';
import type { WebSessionRow } from '#state/schema.ts';
import { recoveryCodeList, secondFactorFields } from '../pages/enrolment-parts.ts';
import { passwordFields, problemBox } from '../pages/form-parts.ts';
import { Html, markup, page } from '../pages/layout.ts';
import type { PageTexts } from '../pages/texts.ts';
import { ACCOUNT_TEXTS } from './texts.ts';

export interface AccountView {
  readonly language: Language;
  readonly username: string;
  readonly isEnrolled: boolean;
  /** A second factor is demanded, and there is none yet. */
  readonly isOwed: boolean;
  readonly sessions: readonly WebSessionRow[];
  readonly sessionId: string;
  readonly formToken: string;
}

type FormProblem = keyof PageTexts['problems'];

export function accountPage(view: AccountView, problem?: FormProblem): string {
  const texts = ACCOUNT_TEXTS[view.language];
  const rest = view.isOwed
    ? new Html('')
    : markup`<h2>${texts.passwordTitle}</h2>
${form(
  view,
  '/account/password',
  texts.changePassword,
  markup`${confirmation(view, 'change')}
${passwordFields(view.language, 'no focus')}
<p class="hint">${texts.passwordHint}</p>`,
)}
<h2>${texts.sessions}</h2>
${sessionList(view)}`;
  return page(
    view.language,
    texts.title,
    markup`<p>${texts.who(view.username)}</p>
${problemBox(view.language, problem)}
${view.isOwed ? markup`<p class="problem">${texts.owed}</p>` : new Html('')}
<h2>${texts.secondFactor}</h2>
<p>${view.isEnrolled ? texts.secondFactorOn : texts.secondFactorOff}</p>
${form(view, '/account/second-factor', view.isEnrolled ? texts.replace : texts.setUp, confirmation(view, 'enrol'))}
${view.isEnrolled ? form(view, '/account/recovery-codes', texts.renew, confirmation(view, 'renew')) : new Html('')}
${rest}
${form(view, '/sign-out', texts.signOut, new Html(''))}`,
  );
}

/** What an authenticator scans, and a field for what it shows then. */
export function enrolmentPage(
  view: Pick<AccountView, 'language' | 'formToken'>,
  offered: { readonly uri: Secret; readonly secret: Secret },
  problem?: FormProblem,
): string {
  const texts = ACCOUNT_TEXTS[view.language];
  return page(
    view.language,
    texts.setUp,
    markup`${problemBox(view.language, problem)}
${form(view, '/account/second-factor/finish', texts.finish, secondFactorFields(view.language, { isDemanded: true, ...offered }))}`,
  );
}

export function codesPage(language: Language, codes: readonly Secret[]): string {
  const texts = ACCOUNT_TEXTS[language];
  return page(
    language,
    texts.codesTitle,
    markup`<p>${texts.done}</p>
${recoveryCodeList(language, codes)}
<p><a href="/account">${texts.back}</a></p>`,
  );
}

function form(view: Pick<AccountView, 'formToken'>, action: string, button: string, fields: Html): Html {
  return markup`<form method="post" action="${action}">
<input type="hidden" name="form" value="${view.formToken}">
${fields}
<button type="submit">${button}</button>
</form>`;
}

/** Whoever holds the cookie of somebody else must not change what keeps them out. */
function confirmation({ language, isEnrolled }: AccountView, prefix: string): Html {
  const texts = ACCOUNT_TEXTS[language];
  const code = markup`<label for="${prefix}-code">${texts.presentCode}</label>
<input id="${prefix}-code" name="present-code" required maxlength="64" autocomplete="one-time-code" autocapitalize="none" spellcheck="false" aria-describedby="${prefix}-hint">
<p class="hint" id="${prefix}-hint">${texts.presentCodeHint}</p>`;
  return markup`<label for="${prefix}-present">${texts.presentPassword}</label>
<input id="${prefix}-present" name="present" type="password" required maxlength="1024" autocomplete="current-password">
${isEnrolled ? code : new Html('')}`;
}

function sessionList(view: AccountView): Html {
  const texts = ACCOUNT_TEXTS[view.language];
  const items = view.sessions.map(({ id, address, createdAt }) => {
    const since = `${new Date(createdAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
    const end =
      id === view.sessionId
        ? markup`<strong>(${texts.here})</strong>`
        : form(
            view,
            '/account/sessions/end',
            texts.end(address),
            markup`<input type="hidden" name="session" value="${id}">`,
          );
    return markup`<li>${texts.session(address, since)} ${end}</li>\n`.text;
  });
  return markup`<ul class="sessions">
${new Html(items.join(''))}</ul>`;
}
