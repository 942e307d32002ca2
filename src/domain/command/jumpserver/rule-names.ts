const PREFIX = 'jumpserver';
const LONGEST = 63;

/** Gives names that rules can have, close to those in JumpServer, each once. */
export class RuleNames {
  readonly #taken = new Set<string>();

  /** The prefix keeps imported rules from replacing those that were written here. */
  next(parts: readonly string[]): string {
    const words = parts.map(plain).filter((part) => part !== '');
    const base = [PREFIX, ...(words.length === 0 ? ['rule'] : words)].join('-');
    for (let number = 1; ; number += 1) {
      const end = number === 1 ? '' : `-${number}`;
      const name = `${base.slice(0, LONGEST - end.length).replace(/[-.]+$/, '')}${end}`;
      if (this.#taken.has(name.toLowerCase())) continue;
      this.#taken.add(name.toLowerCase());
      return name;
    }
  }
}

function plain(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9_.-]+/g, '-').replaceAll(/^[-.]+|[-.]+$/g, '');
}
