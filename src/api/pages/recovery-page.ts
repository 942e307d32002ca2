import { z } from 'zod';
import type { Language } from '#contract/resources/user.ts';
import { passwordProblem } from '#identity/password-rules.ts';
import { printable } from '#lib/printable.ts';
import { Secret } from '#lib/secret.ts';
import type { RecoveryLink } from '../services.ts';
import { recoveryCodeList, secondFactorFields } from './enrolment-parts.ts';
import { passwordFields, problemBox } from './form-parts.ts';
import { Html, markup, page } from './layout.ts';
import { PAGE_TEXTS, type PageTexts } from './texts.ts';

/** A form gives one value or several under a name. */
const Form = z.object({
  password: z.string(),
  repeat: z.string(),
  code: z.string().max(64).default(''),
  key: z.union([z.string().transform((one) => [one]), z.array(z.string()).max(100)]).default([]),
});

type FormProblem = keyof PageTexts['problems'];

export function recoveryForm(
  language: Language,
  whom: RecoveryLink,
  problem: FormProblem | undefined,
): string {
  const texts = PAGE_TEXTS[language];
  return page(
    language,
    texts.recovery.title,
    markup`<p>${texts.recovery.lead(whom.username)}</p>
${problemBox(language, problem)}
<form method="post" autocomplete="on">
<input type="hidden" name="username" autocomplete="username" value="${whom.username}">
${passwordFields(language)}
${secondFactorFields(language, whom.secondFactor)}
${keyFields(language, whom.keys)}
<button type="submit">${texts.recovery.button}</button>
</form>`,
  );
}

/** None is ticked: whoever had the password may have added a key, so each is confirmed by hand. */
function keyFields(language: Language, keys: RecoveryLink['keys']): Html {
  if (keys.length === 0) return new Html('');
  const rows = keys.map(
    ({ id, fingerprint, comment }) =>
      markup`<label class="key"><input type="checkbox" name="key" value="${id}"> <code>${fingerprint}</code> ${printable(comment, 80)}</label>\n`
        .text,
  );
  return markup`<fieldset>
<legend>${PAGE_TEXTS[language].recovery.keys}</legend>
${new Html(rows.join(''))}</fieldset>`;
}

/** What the person decided. */
export interface RecoveryAnswers {
  readonly password: Secret;
  readonly code: Secret | null;
  readonly keepKeys: readonly string[];
}

/** Reads the form; a form without the fields is one with empty fields. Only keys that were offered count. */
export function readRecoveryForm(
  body: unknown,
  whom: RecoveryLink,
): { readonly problem: FormProblem } | RecoveryAnswers {
  const form = Form.safeParse(body);
  const { password, repeat, code, key } = form.success
    ? form.data
    : { password: '', repeat: '', code: '', key: [] };
  const problem = passwordProblem(password, whom.username);
  if (problem !== undefined) return { problem };
  if (password !== repeat) return { problem: 'not_repeated' };
  if (code.trim() === '' && whom.secondFactor.isDemanded) return { problem: 'code_missing' };
  const offered = new Set(whom.keys.map(({ id }) => id));
  return {
    password: new Secret(password),
    code: code.trim() === '' ? null : new Secret(code),
    keepKeys: key.filter((id) => offered.has(id)),
  };
}

export function recoveryDone(language: Language, codes: readonly Secret[]): string {
  const { doneTitle, done } = PAGE_TEXTS[language].recovery;
  return page(
    language,
    doneTitle,
    markup`<p>${done}</p>
${recoveryCodeList(language, codes)}`,
  );
}
