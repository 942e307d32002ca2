import type { Language } from '#contract/resources/user.ts';
import { problemBox } from '../pages/form-parts.ts';
import { markup, page } from '../pages/layout.ts';
import { PAGE_TEXTS, type PageTexts } from '../pages/texts.ts';
import { ACCOUNT_TEXTS } from './texts.ts';

export function signInForm(language: Language, problem?: keyof PageTexts['problems']): string {
  const { signIn } = ACCOUNT_TEXTS[language];
  return page(
    language,
    signIn.title,
    markup`${problemBox(language, problem)}
<form method="post" action="/sign-in">
<label for="username">${PAGE_TEXTS[language].username}</label>
<input id="username" name="username" required maxlength="256" autocomplete="username" autocapitalize="none" spellcheck="false" autofocus>
<label for="password">${signIn.password}</label>
<input id="password" name="password" type="password" required maxlength="1024" autocomplete="current-password">
<button type="submit">${signIn.button}</button>
</form>`,
  );
}

export function codeForm(language: Language): string {
  const { signIn } = ACCOUNT_TEXTS[language];
  return page(
    language,
    signIn.codeTitle,
    markup`<form method="post" action="/sign-in/code">
<label for="code">${signIn.code}</label>
<input id="code" name="code" required maxlength="64" autocomplete="one-time-code" autocapitalize="none" spellcheck="false" aria-describedby="hint" autofocus>
<p class="hint" id="hint">${signIn.codeHint}</p>
<button type="submit">${signIn.button}</button>
</form>`,
  );
}
