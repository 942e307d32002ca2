import { z } from 'zod';
import type { Language } from '#contract/resources/user.ts';
import { passwordProblem } from '#identity/password-rules.ts';
import { Secret } from '#lib/secret.ts';
import { html, page } from './layout.ts';
import { PAGE_TEXTS, type PageTexts } from './texts.ts';
import { passwordFields, problemBox } from './form-parts.ts';

const Form = z.object({ password: z.string(), repeat: z.string() });

type FormProblem = keyof PageTexts['problems'];

export function recoveryForm(language: Language, username: string, problem: FormProblem | undefined): string {
  const texts = PAGE_TEXTS[language];
  return page(
    language,
    texts.recovery.title,
    html`<p>${texts.recovery.lead(username)}</p>
      ${problemBox(language, problem)}
      <form method="post" autocomplete="on">
        <input type="hidden" name="username" autocomplete="username" value="${username}" />
        ${passwordFields(language)}
        <button type="submit">${texts.recovery.button}</button>
      </form>`,
  );
}

/** Reads the form; a form without the fields is one with empty fields. */
export function recoveryProblem(
  body: unknown,
  username: string,
): { readonly problem: FormProblem } | { readonly password: Secret } {
  const form = Form.safeParse(body);
  const { password, repeat } = form.success ? form.data : { password: '', repeat: '' };
  const problem = passwordProblem(password, username);
  if (problem !== undefined) return { problem };
  if (password !== repeat) return { problem: 'not_repeated' };
  return { password: new Secret(password) };
}

export function recoveryDone(language: Language): string {
  const { doneTitle, done } = PAGE_TEXTS[language].recovery;
  return page(language, doneTitle, html`<p>${done}</p>`);
}
