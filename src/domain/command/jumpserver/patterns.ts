import type { CommandRuleInput } from '#contract/resources/command-rule.ts';
import { linePatternProblem } from '../matching/line-patterns.ts';
import { losesBoundary, textRegexSource } from '../matching/text-pattern.ts';
import type { CommandGroup } from './schema.ts';

/** What a command group becomes. */
export interface ConvertedGroup {
  readonly kind: Extract<CommandRuleInput['kind'], 'text' | 'regex'>;
  /** None: JumpServer's group matches nothing. */
  readonly patterns: readonly string[];
  /** False: it matches more than the group did. */
  readonly exact: boolean;
  readonly notes: readonly string[];
  /** Why it cannot be converted. */
  readonly problems: readonly string[];
}

const LONGEST_PATTERN = 1024;
const REGEX_INPUT = 'regex does not see lines typed into other programs, such as a database client';

/** The lines of a group, with the meaning they have in JumpServer 4. */
export function convertGroup(
  { type, content, ignore_case }: CommandGroup,
  verdict: CommandRuleInput['verdict'],
): ConvertedGroup {
  const lines = content.replaceAll('\r\n', '\n').split('\n');
  // In doubt the stricter: more for a deny, less for what lets through.
  const ignoresCase = ignore_case ?? verdict === 'deny';
  const notes =
    ignore_case === undefined
      ? [`it does not say whether case counts; taken as ${ignoresCase ? 'not counting' : 'counting'}`]
      : [];
  const converted = type === 'regex' ? fromRegex(lines, ignoresCase) : fromCommands(lines, ignoresCase);
  const { kind, patterns } = converted;
  const broken = patterns.flatMap((pattern) => {
    const problem =
      pattern.length > LONGEST_PATTERN
        ? `is longer than ${LONGEST_PATTERN} characters`
        : linePatternProblem(kind, pattern);
    return problem === undefined ? [] : [`${JSON.stringify(pattern.slice(0, 80))}: ${problem}`];
  });
  return { ...converted, notes: [...notes, ...converted.notes], problems: broken };
}

type Converted = Omit<ConvertedGroup, 'problems'>;

/** A line each, joined by "or"; an empty line is no line. */
function fromCommands(lines: readonly string[], ignoresCase: boolean): Converted {
  const commands = lines.filter((line) => line !== '');
  const wider = commands.filter(losesBoundary);
  const exact = wider.length === 0;
  const notes = wider.map((line) => `${JSON.stringify(line)} is found within longer words as well`);
  if (ignoresCase) return { kind: 'text', patterns: commands, exact, notes };
  return {
    kind: 'regex',
    patterns: commands.map(textRegexSource),
    exact,
    notes: [...notes, `text never looks at case, so this becomes regex; ${REGEX_INPUT}`],
  };
}

/**
 * JumpServer makes one regular expression of all lines. It stays one: an alternative that matches nothing makes
 * the whole match nothing there, and must here as well.
 */
function fromRegex(lines: readonly string[], ignoresCase: boolean): Converted {
  const flags = ignoresCase ? '(?i)' : '';
  const whole = lines.join('|');
  const notes = [REGEX_INPUT];
  if (lines.length > 1)
    notes.push('JumpServer 3 takes its lines for one long line; taken as JumpServer 4 does');
  if (whole === '') return { kind: 'regex', patterns: [], exact: true, notes: [] };
  if (flags.length + whole.length <= LONGEST_PATTERN)
    return { kind: 'regex', patterns: [flags + whole], exact: true, notes };
  return {
    kind: 'regex',
    patterns: lines.filter((line) => line !== '').map((line) => flags + line),
    exact: false,
    notes: [...notes, 'it is too long for one pattern, so each line is one'],
  };
}
