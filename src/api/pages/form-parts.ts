import { MIN_PASSWORD_LENGTH, type Language } from '#contract/resources/user.ts';
import { Html, markup } from './layout.ts';
import { PAGE_TEXTS, type PageTexts } from './texts.ts';

export function problemBox(language: Language, problem: keyof PageTexts['problems'] | undefined): Html {
  if (problem === undefined) return new Html('');
  return markup`<p class="problem" role="alert">${PAGE_TEXTS[language].problems[problem]}</p>`;
}

/** `focus`: whether it is what one types first on the page. */
export function passwordFields(language: Language, focus: 'focus' | 'no focus' = 'focus'): Html {
  const texts = PAGE_TEXTS[language];
  const least = String(MIN_PASSWORD_LENGTH);
  return markup`<label for="password">${texts.password}</label>
<input id="password" name="password" type="password" required minlength="${least}" maxlength="1024" autocomplete="new-password" aria-describedby="hint"${new Html(focus === 'focus' ? ' autofocus' : '')}>
<p class="hint" id="hint">${texts.passwordHint}</p>
<label for="repeat">${texts.repeat}</label>
<input id="repeat" name="repeat" type="password" required minlength="${least}" maxlength="1024" autocomplete="new-password">`;
}
