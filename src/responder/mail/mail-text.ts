import type { OutgoingMail } from './outgoing-mail.ts';

/** Lines of a mail for people: text and a table-free HTML of the same words. */
export interface MailBody {
  readonly text: string;
  readonly html: string;
}

export type MailBlock =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'facts'; readonly facts: readonly (readonly [name: string, value: string])[] }
  | { readonly kind: 'lines'; readonly title: string; readonly lines: readonly string[] }
  | { readonly kind: 'link'; readonly url: string };

/**
 * Writes the blocks as text and as HTML. Whatever a person typed or an asset printed can be in them, so
 * control characters become visible marks, nothing is ever markup, and only a `link` block is a link. The HTML
 * loads nothing.
 */
export function writeMail(language: OutgoingMail['language'], blocks: readonly MailBlock[]): MailBody {
  const tag = language === 'zh' ? 'zh-CN' : 'en';
  return {
    text: `${blocks.map(textOf).join('\n\n')}\n`,
    html: `<!doctype html><html lang="${tag}"><head><meta charset="utf-8"></head><body style="font-family:sans-serif">${blocks.map(htmlOf).join('\n')}</body></html>`,
  };
}

function textOf(block: MailBlock): string {
  switch (block.kind) {
    case 'text':
      return shown(block.text);
    case 'facts': {
      const width = Math.max(...block.facts.map(([name]) => columns(name)));
      return block.facts
        .map(([name, value]) => `${name}${' '.repeat(width - columns(name))}  ${shown(value)}`)
        .join('\n');
    }
    case 'lines':
      return [block.title, ...block.lines.map((line) => `  ${shown(line)}`)].join('\n');
    case 'link':
      return block.url;
    default:
      return block satisfies never;
  }
}

function htmlOf(block: MailBlock): string {
  switch (block.kind) {
    case 'text':
      return `<p>${escapeHtml(shown(block.text))}</p>`;
    case 'facts':
      return `<p>${block.facts.map(([name, value]) => `<b>${escapeHtml(name)}</b>: ${escapeHtml(shown(value))}`).join('<br>')}</p>`;
    case 'lines':
      return `<p><b>${escapeHtml(block.title)}</b></p><ul>${block.lines.map((line) => `<li><code>${escapeHtml(shown(line))}</code></li>`).join('')}</ul>`;
    case 'link':
      return `<p><a href="${escapeHtml(block.url)}">${escapeHtml(block.url)}</a></p>`;
    default:
      return block satisfies never;
  }
}

/** A Han character is as wide as two letters. */
function columns(text: string): number {
  return text.length + (text.match(/\p{Script=Han}/gu)?.length ?? 0);
}

/** Safe as a line of a mail: mail programs make links of what looks like an address, so it no longer does. */
function shown(text: string): string {
  return printable(text)
    .replaceAll('://', '[:]//')
    .replaceAll(/\b(mailto|tel|data|javascript):/gi, '$1[:]')
    .replaceAll(/\bwww\./gi, 'www[.]');
}

/** One line without anything a terminal or a mail reader would obey. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\u00B7');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return printable(text).replaceAll(/[&<>"']/g, (char) => ENTITIES[char] ?? '');
}
