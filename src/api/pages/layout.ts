import { createHash } from 'node:crypto';
import type { Language } from '#contract/resources/user.ts';

/** HTML that was made by `markup`, so that it is not escaped again. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/**
 * Puts values into HTML text or quoted attributes; everything that is not `Html` is escaped. Not called `html`:
 * formatters would rewrite what is inside, and change the style sheet that the policy names by its digest.
 */
export function markup(parts: TemplateStringsArray, ...values: readonly (string | Html | undefined)[]): Html {
  let text = parts[0] ?? '';
  values.forEach((value, index) => {
    text += value instanceof Html ? value.text : escape(value ?? '');
    text += parts[index + 1] ?? '';
  });
  return new Html(text);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (letter) => ESCAPES[letter] ?? '');
}

const STYLE = `
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;margin:0;display:grid;min-height:100vh;place-items:center;background:Canvas;color:CanvasText}
main{width:min(26rem,calc(100vw - 2rem));padding:1rem 0}
h1{font-size:1.4rem;margin:0 0 .5rem}
h2{font-size:1.1rem;margin:2rem 0 .25rem}
.sessions{padding-left:1.2rem;overflow-wrap:anywhere}
label{display:block;margin:1rem 0 .25rem}
input,select,button{font:inherit;width:100%;box-sizing:border-box;padding:.5rem;border:1px solid GrayText;border-radius:.4rem}
button{margin-top:1.5rem;cursor:pointer;font-weight:600}
.hint{color:color-mix(in srgb,CanvasText 78%,Canvas);font-size:.9rem;margin:.25rem 0 0}
.key{display:block;margin:.5rem 0;overflow-wrap:anywhere}
.key input{width:auto}
fieldset{margin:1rem 0 0;border:1px solid GrayText;border-radius:.4rem}
.qr{display:block;width:min(14rem,100%);margin:.5rem auto}
.codes{columns:2;padding-left:1.2rem}
code{overflow-wrap:anywhere}
.problem{border-left:.25rem solid #c62828;padding:.25rem .75rem;margin:1rem 0}
`;

/** No script, no foreign content, forms only to this server; the one style sheet is named by its digest. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** A whole page. It works without scripts, in any width, in light and dark, and with a screen reader. */
export function page(language: Language, title: string, body: Html): string {
  const lang = language === 'zh' ? 'zh-Hans' : 'en';
  return markup`<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · Portcullis</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`.text;
}
