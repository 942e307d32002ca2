import type { CommandRuleInput, CommandRuleWarning } from '#contract/resources/command-rule.ts';

type Code = CommandRuleWarning['code'];

/** Something that was seen on one line. */
export interface Finding {
  readonly code: Code;
  readonly line: string;
}

export const EFFECTS: Readonly<Record<Code, CommandRuleWarning['effect']>> = {
  'almost-everything': 'too-much',
  'as-argument': 'too-much',
  'part-of-word': 'too-much',
  'opens-line': 'too-much',
  'any-folder': 'too-much',
  'needs-word-before': 'too-little',
  'other-spellings': 'too-little',
  position: 'too-little',
  'not-a-program': 'too-little',
  shadowed: 'too-little',
  'dynamic-passes': 'too-little',
  'program-kind': 'advice',
  duplicate: 'advice',
};

const VERBS: Readonly<Record<CommandRuleInput['verdict'], string>> = {
  deny: 'stop',
  warn: 'warn about',
  allow: 'allow',
};

const MESSAGES: Readonly<Record<Exclude<Code, 'shadowed' | 'duplicate'>, (verb: string) => string>> = {
  'almost-everything': (verb) => `It would ${verb} nearly every command.`,
  'as-argument': (verb) => `It would ${verb} lines that only mention it.`,
  'part-of-word': (verb) => `It would ${verb} longer words as well.`,
  'opens-line': () =>
    'It allows the whole line, whatever else runs in it; later rules are not asked. Kind program decides about each program by itself.',
  'any-folder': () => 'Programs are compared by name: the folder in the pattern does not count.',
  'needs-word-before': (verb) =>
    `It does not ${verb} it where it stands alone: there must be a letter, a digit or _ just before.`,
  'other-spellings': () => 'It misses other ways to write the same.',
  position: () => 'It misses it in other places of a line.',
  'not-a-program': (verb) =>
    `It does not ${verb} the line it spells out: the shell reads no such program there.`,
  'dynamic-passes': () =>
    'What is decided only at run time passes. A rule of kind program with the pattern @dynamic would see it.',
  'program-kind': () => 'Kind program would see this line too, and leave alone lines that only mention it.',
};

/** Brings the findings of many patterns together: one warning for each kind. */
export class Findings {
  readonly #verdict: CommandRuleInput['verdict'];
  readonly #byMessage = new Map<string, CommandRuleWarning>();

  constructor(verdict: CommandRuleInput['verdict']) {
    this.#verdict = verdict;
  }

  add(pattern: string | null, { code, line }: Finding, message?: string): void {
    const text = message ?? messageOf(code, this.#verdict);
    const known = this.#byMessage.get(code + text);
    const examples = [...(known?.examples ?? []), { pattern, line }];
    this.#byMessage.set(code + text, { code, effect: EFFECTS[code], message: text, examples });
  }

  all(): readonly CommandRuleWarning[] {
    return [...this.#byMessage.values()];
  }
}

function messageOf(code: Code, verdict: CommandRuleInput['verdict']): string {
  if (code === 'shadowed' || code === 'duplicate') return '';
  return MESSAGES[code](VERBS[verdict]);
}
