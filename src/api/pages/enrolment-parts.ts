import { encodeQR } from 'qr';
import type { Language } from '#contract/resources/user.ts';
import type { Secret } from '#lib/secret.ts';
import { Html, markup } from './layout.ts';
import { PAGE_TEXTS } from './texts.ts';

export interface OfferedSecondFactor {
  readonly isDemanded: boolean;
  readonly uri: Secret;
  readonly secret: Secret;
}

/** What an authenticator scans, and a field for the code that it shows then. */
export function secondFactorFields(
  language: Language,
  { isDemanded, uri, secret }: OfferedSecondFactor,
): Html {
  const texts = PAGE_TEXTS[language].secondFactor;
  return markup`<fieldset>
<legend>${texts.legend}</legend>
<p class="hint">${isDemanded ? texts.demanded : texts.offered}</p>
${qrPicture(uri.expose(), texts.picture)}
<p class="hint">${texts.typed} <code>${secret.expose()}</code></p>
<label for="code">${texts.code}</label>
<input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="16" spellcheck="false" ${new Html(isDemanded ? 'required' : '')}>
</fieldset>`;
}

/** Once, and never again: they are kept as digests only. */
export function recoveryCodeList(language: Language, codes: readonly Secret[]): Html {
  if (codes.length === 0) return new Html('');
  const items = codes.map((code) => markup`<li><code>${code.expose()}</code></li>`.text);
  return markup`<p>${PAGE_TEXTS[language].secondFactor.codes}</p>
<ul class="codes">${new Html(items.join(''))}</ul>`;
}

/** Black on white in light and dark, without scripts and foreign content: one path of squares. */
function qrPicture(text: string, label: string): Html {
  const modules = encodeQR(text, 'raw', { ecc: 'low', border: 4 });
  const squares = modules.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])));
  const size = String(modules.length);
  return markup`<svg class="qr" role="img" aria-label="${label}" viewBox="0 0 ${size} ${size}"><rect width="${size}" height="${size}" fill="#fff"/><path d="${squares.join('')}" fill="#000"/></svg>`;
}
