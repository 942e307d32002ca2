import { forEachChild, parse, type HereDoc, type SyntaxNode } from 'unbash';

/** What a mark of the grammar costs, and a blank between words. */
const MARK = 6;
const BLANK = 2;
/** Lighter text is not looked at more closely. */
const LIGHT = 3_000;
/** Here-documents that are taken out of the count. */
const MAX_HERE_DOCS = 8;

/**
 * What it costs to read a source, before it is offered to the parser: blanks and marks count, plain text is
 * free. In a long one, what plainly stands in quotation marks or in a here-document is free as well. Where that
 * is not plain everything counts, so no trick makes a heavy source light.
 */
export function weighSource(source: string): number {
  const weight = weigh(source, 0, source.length);
  return weight <= LIGHT ? weight : weighOutsideQuotes(source);
}

function weigh(source: string, from: number, to: number): number {
  let weight = 0;
  for (let at = from; at < to; at += 1) weight += WEIGHTS[source.charCodeAt(at)] ?? 0;
  return weight;
}

const WEIGHTS = new Uint8Array(128);
for (const char of '\n;|&<>()[]{}$`\'"\\*?!#~') WEIGHTS[char.charCodeAt(0)] = MARK;
for (const char of ' \t=') WEIGHTS[char.charCodeAt(0)] = BLANK;
// What nests costs more than itself.
for (const char of '({[`') WEIGHTS[char.charCodeAt(0)] = 3 * MARK;

function weighOutsideQuotes(source: string): number {
  let weight = 0;
  let hereDocs = 0;
  let segment = 0;
  for (let at = 0; at < source.length;) {
    const char = source.charAt(at);
    let next = at + 1;
    if (char === '\\') next = at + 2;
    else if (char === "'") next = behind(source, "'", at + 1);
    else if (char === '"') next = behindDoubleQuote(source, at + 1);
    else if (char === '#' && /^$|[\s;|&(]/.test(source.charAt(at - 1)))
      next = behind(source, '\n', at + 1) - 1;
    else if (char === '<' && source.charAt(at + 1) === '<' && hereDocs < MAX_HERE_DOCS) {
      hereDocs += 1;
      const lineEnd = behind(source, '\n', at);
      weight += weigh(source, at, lineEnd);
      next = behindHereDocs(source, segment, lineEnd);
      segment = next;
    } else if (char === '`' || (char === '$' && /[({'"[]/.test(source.charAt(at + 1)))) next = -1;
    if (next < 0) return weight + weigh(source, at, source.length);
    weight += WEIGHTS[char.charCodeAt(0)] ?? 0;
    at = Math.max(next, at + 1);
  }
  return weight;
}

function behind(source: string, closing: string, from: number): number {
  const found = source.indexOf(closing, from);
  return found < 0 ? source.length : found + 1;
}

/** Minus one when something stands in the quotation that is source itself. */
function behindDoubleQuote(source: string, from: number): number {
  for (let at = from; at < source.length; at += 1) {
    const char = source.charAt(at);
    if (char === '"') return at + 1;
    if (char === '\\') at += 1;
    else if (char === '$' || char === '`') return -1;
  }
  return source.length;
}

/** Behind the here-documents that begin on the line before; the parser says whether they do. */
function behindHereDocs(source: string, segment: number, lineEnd: number): number {
  let at = lineEnd;
  for (const { delimiter, operator } of openHereDocs(source.slice(segment, lineEnd))) {
    const end = delimiter === undefined ? -1 : endOfHereDoc(source, at, delimiter.value, operator === '<<-');
    // Substitutions in it are source.
    if (end < 0 || (delimiter?.quoted !== true && /[$`]/.test(source.slice(at, end)))) return -1;
    at = end;
  }
  return at;
}

function openHereDocs(source: string): readonly HereDoc[] {
  const found: HereDoc[] = [];
  const collect = (node: SyntaxNode): void => {
    if (node.type === 'HereDoc' && node.closing === undefined) found.push(node);
    forEachChild(node, collect);
  };
  forEachChild(parse(source), collect);
  return found;
}

function endOfHereDoc(source: string, from: number, delimiter: string, stripsTabs: boolean): number {
  for (let at = from; at < source.length;) {
    const lineEnd = behind(source, '\n', at);
    const line = source.slice(at, lineEnd).replace('\n', '');
    if ((stripsTabs ? line.replace(/^\t+/, '') : line) === delimiter) return lineEnd;
    at = lineEnd;
  }
  return source.length;
}
