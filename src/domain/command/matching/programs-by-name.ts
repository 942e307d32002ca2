import type { CommandRuleInput } from '#contract/resources/command-rule.ts';
import type { CommandReading, Program } from '../verdict.ts';
import {
  hasPlainName,
  matchProgram,
  neededOperand,
  operandsOf,
  parseFact,
  parseProgramPattern,
  type Fact,
  type Operand,
  type ProgramPattern,
} from './program-pattern.ts';

export interface ProgramFinding {
  /** The first rule that matches. */
  readonly hit: { readonly rank: number; readonly fragment: string } | undefined;
  /** An earlier rule could match, depending on something known only at run time. */
  readonly maybe: boolean;
}

/** Rules of kind `program`, looked up by name, so that their number does not count. */
export interface ProgramRules {
  find(program: Program): ProgramFinding;
  /** The first rule that names a fact of the reading. */
  findFact(reading: CommandReading): number | undefined;
}

interface Entry {
  readonly rank: number;
  readonly pattern: ProgramPattern;
  /** Looked for first: most of many patterns of one name differ in it. */
  readonly needed: string | undefined;
}

export function compileProgramRules(
  rules: readonly { readonly rule: CommandRuleInput; readonly rank: number }[],
): ProgramRules {
  const byName = new Map<string, Entry[]>();
  const others: Entry[] = [];
  const facts = new Map<Fact, number>();
  for (const { rule, rank } of rules) {
    for (const text of rule.patterns) {
      const fact = parseFact(text);
      if (fact !== undefined) {
        if (!facts.has(fact)) facts.set(fact, rank);
        continue;
      }
      const pattern = parseProgramPattern(text);
      if (pattern === undefined) continue;
      const entry: Entry = { rank, pattern, needed: neededOperand(pattern) };
      if (!hasPlainName(pattern)) others.push(entry);
      else byName.set(pattern.name, [...(byName.get(pattern.name) ?? []), entry]);
    }
  }
  const all = [...[...byName.values()].flat(), ...others];
  return {
    find: (program) => {
      // A file name pattern in place of the name could be any program.
      const named = program.nameIsPattern ? all : (byName.get(program.name) ?? []);
      return findFirst(program.nameIsPattern ? [named] : [named, others], program);
    },
    findFact: (reading) => {
      const ranks = [
        reading.dynamic ? facts.get('dynamic') : undefined,
        reading.unparsable ? facts.get('unparsable') : undefined,
      ].filter((rank) => rank !== undefined);
      return ranks.length === 0 ? undefined : Math.min(...ranks);
    },
  };
}

function findFirst(lists: readonly (readonly Entry[])[], program: Program): ProgramFinding {
  let hit: ProgramFinding['hit'];
  let maybeRank = Number.POSITIVE_INFINITY;
  let operands: readonly Operand[] | undefined;
  for (const list of lists) {
    for (const { rank, pattern, needed } of list) {
      if (hit !== undefined && hit.rank <= rank) continue;
      operands ??= operandsOf(program);
      if (needed !== undefined && !mayHave(needed, operands)) continue;
      const match = matchProgram(pattern, program, operands);
      if (match.matches === 'yes') hit = { rank, fragment: match.fragment };
      else if (match.matches === 'maybe') maybeRank = Math.min(maybeRank, rank);
    }
  }
  return { hit, maybe: maybeRank < (hit?.rank ?? Number.POSITIVE_INFINITY) };
}

function mayHave(needed: string, operands: readonly Operand[]): boolean {
  return operands.some(({ text, uncertain }) => uncertain || text === needed);
}
