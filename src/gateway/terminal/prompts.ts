/** Prompts of one session that were seen where a shell reads. */
const MAX_KNOWN = 32;
const MAX_PROMPT_LENGTH = 300;

export interface PromptMatch {
  readonly prompt: string;
  /** What stands behind it. */
  readonly rest: string;
}

/**
 * Learns what the shell's prompts look like. A prompt changes with folder, time and branch, so besides the
 * exact text its signature is kept: how it begins, with digits made equal, and the sign it ends with.
 */
export class Prompts {
  readonly #exact = new Set<string>();
  readonly #signatures = new Set<string>();

  learn(prompt: string): void {
    if (prompt.trim() === '' || prompt.length > MAX_PROMPT_LENGTH) return;
    add(this.#exact, prompt);
    add(this.#signatures, signature(prompt));
  }

  /** Whether the text is a prompt known, or differs from one only as prompts do. */
  isKnown(prompt: string): boolean {
    if (prompt.trim() === '' || prompt.length > MAX_PROMPT_LENGTH) return false;
    if (this.#exact.has(prompt) || this.#signatures.has(signature(prompt))) return true;
    // Output without a line end in front of it.
    return [...this.#exact].some((known) => prompt.endsWith(known));
  }

  /** The longest prompt, known exactly, with which the text begins; undefined when there is none. */
  startOf(text: string): string | undefined {
    const known = [...this.#exact].filter((prompt) => text.startsWith(prompt));
    return known.toSorted((left, right) => right.length - left.length)[0];
  }

  /** A known prompt at the start of the line. */
  match(line: string): PromptMatch | undefined {
    let best: PromptMatch | undefined;
    for (const prompt of this.#exact) {
      // The blanks at the end of a line are not on the screen.
      if (!`${line} `.startsWith(prompt.trimEnd() === prompt ? prompt : `${prompt.trimEnd()} `)) continue;
      if (best === undefined || prompt.length > best.prompt.length)
        best = { prompt, rest: line.slice(prompt.length) };
    }
    if (best !== undefined) return best;
    for (const prompt of this.#exact) {
      const at = `${line} `.indexOf(prompt);
      if (at > 0) return { prompt: line.slice(0, at + prompt.length), rest: line.slice(at + prompt.length) };
    }
    const guess = splitPrompt(line);
    return guess !== undefined && this.#signatures.has(signature(guess.prompt)) ? guess : undefined;
  }
}

/** The line split behind the first sign that ends prompts; undefined when there is none. */
export function splitPrompt(line: string): PromptMatch | undefined {
  const match = /^(.{0,160}?[$#%>❯➜»])(?: (.*))?$/su.exec(line);
  if (match === null) return undefined;
  const prompt = `${match[1] ?? ''} `;
  return { prompt, rest: match[2] ?? '' };
}

/** Whether the text ends as prompts of shells do, and not as those of the usual other programs. */
export function looksLikeShellPrompt(prompt: string): boolean {
  return /[$#%❯➜] ?$/u.test(prompt) && !/[=(*-][#>] ?$/.test(prompt);
}

function signature(prompt: string): string {
  const text = prompt.trimEnd().replaceAll(/\d/g, '0');
  const beginning = /^\[?[^\s:/~\]]*/.exec(text)?.[0] ?? '';
  return `${beginning}\n${text.at(-1) ?? ''}`;
}

function add(set: Set<string>, value: string): void {
  set.delete(value);
  set.add(value);
  const [oldest] = set;
  if (set.size > MAX_KNOWN && oldest !== undefined) set.delete(oldest);
}
