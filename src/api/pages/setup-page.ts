import { z } from 'zod';
import { Name } from '#contract/names.ts';
import { Language } from '#contract/resources/user.ts';
import { passwordProblem } from '#identity/password-rules.ts';
import { Secret } from '#lib/secret.ts';
import { passwordFields, problemBox } from './form-parts.ts';
import { markup, page } from './layout.ts';
import type { FirstAdministrator } from './setup.ts';
import { PAGE_TEXTS, type PageTexts } from './texts.ts';

const Form = z.object({
  username: z.string().max(64).default(''),
  name: z.string().max(128).default(''),
  email: z.string().max(254).default(''),
  language: Language.catch('en'),
  password: z.string().default(''),
  repeat: z.string().default(''),
});

/** What was typed, to be shown again beside a problem. Never a password. */
export interface TypedSetup {
  readonly username?: string;
  readonly name?: string;
  readonly email?: string;
}

type FormProblem = keyof PageTexts['problems'];

export function setupForm(language: Language, given: TypedSetup, problem: FormProblem | undefined): string {
  const texts = PAGE_TEXTS[language];
  return page(
    language,
    texts.setup.title,
    markup`<p>${texts.setup.lead}</p>
${problemBox(language, problem)}
<form method="post" autocomplete="on">
<label for="username">${texts.username}</label>
<input id="username" name="username" required maxlength="63" autocomplete="username" autocapitalize="none" spellcheck="false" value="${given.username}">
<label for="name">${texts.name}</label>
<input id="name" name="name" maxlength="128" autocomplete="name" value="${given.name}">
<label for="email">${texts.email}</label>
<input id="email" name="email" type="email" maxlength="254" autocomplete="email" value="${given.email}">
<label for="language">${texts.language}</label>
<select id="language" name="language"><option value="en">English</option><option value="zh" lang="zh-Hans">简体中文</option></select>
${passwordFields(language)}
<button type="submit">${texts.setup.button}</button>
</form>`,
  );
}

export function readSetupForm(
  body: unknown,
): { readonly problem: FormProblem; readonly given: TypedSetup } | FirstAdministrator {
  const parsed = Form.safeParse(body ?? {});
  if (!parsed.success) return { problem: 'bad_username', given: {} };
  const { username, name, email, language, password, repeat } = parsed.data;
  const given: TypedSetup = { username, name, email };
  const mail = z.email().safeParse(email);
  if (!Name.safeParse(username).success) return { problem: 'bad_username', given };
  if (email !== '' && !mail.success) return { problem: 'bad_email', given };
  const problem = passwordProblem(password, username);
  if (problem !== undefined) return { problem, given };
  if (password !== repeat) return { problem: 'not_repeated', given };
  return { username, name, email: mail.data ?? null, language, password: new Secret(password) };
}

export function setupDone(language: Language): string {
  const { doneTitle, done } = PAGE_TEXTS[language].setup;
  return page(language, doneTitle, markup`<p>${done}</p>`);
}
