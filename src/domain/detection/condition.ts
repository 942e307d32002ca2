import { ruleError, unsupported } from './rule-error.ts';
import { allOf, anyOf, negation, type TestNode } from './test-node.ts';

/** Search identifiers of a rule, compiled, by name. */
export type Selections = ReadonlyMap<string, TestNode>;

const MAX_DEPTH = 100;

/**
 * Compiles a Sigma condition. From loosest to tightest: `or`, `and`, `not`, `1|any|all of NAMES`,
 * parentheses. NAMES is a name, a name with `*`, or `them` (all that do not start with `_`).
 */
export function compileCondition(condition: string, selections: Selections, place: string): TestNode {
  const tokens = tokenize(condition, place);
  const parser = new ConditionParser(tokens, selections, `${place} "${condition}"`);
  return parser.parse();
}

function tokenize(condition: string, place: string): readonly string[] {
  if (condition.includes('|'))
    throw unsupported(
      place,
      `an aggregation behind "|" in a condition ("${condition}")`,
      'write a correlation document with type, rules, group-by, timespan and condition',
    );
  const tokens = condition.match(/[()]|[^\s()]+/g) ?? [];
  if (tokens.length === 0) throw ruleError(place, 'the condition is empty');
  return tokens;
}

class ConditionParser {
  readonly #tokens: readonly string[];
  readonly #selections: Selections;
  readonly #place: string;
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly string[], selections: Selections, place: string) {
    this.#tokens = tokens;
    this.#selections = selections;
    this.#place = place;
  }

  parse(): TestNode {
    const node = this.#or();
    const rest = this.#tokens[this.#at];
    if (rest !== undefined) throw ruleError(this.#place, `"${rest}" is not expected here`);
    return node;
  }

  #or(): TestNode {
    const nodes = [this.#and()];
    while (this.#take('or')) nodes.push(this.#and());
    return anyOf(nodes);
  }

  #and(): TestNode {
    const nodes = [this.#not()];
    while (this.#take('and')) nodes.push(this.#not());
    return allOf(nodes);
  }

  #not(): TestNode {
    if (!this.#take('not')) return this.#primary();
    return this.#deeper(() => negation(this.#not()));
  }

  #primary(): TestNode {
    const token = this.#tokens[this.#at];
    this.#at += 1;
    if (token === undefined) throw ruleError(this.#place, 'the condition ends too early');
    if (token === '(') {
      const inner = this.#deeper(() => this.#or());
      if (!this.#take(')')) throw ruleError(this.#place, 'a closing parenthesis is missing');
      return inner;
    }
    if (this.#tokens[this.#at]?.toLowerCase() === 'of') {
      this.#at += 1;
      return this.#quantified(token);
    }
    const selection = this.#selections.get(token);
    if (selection === undefined) throw ruleError(this.#place, `there is no search identifier "${token}"`);
    return selection;
  }

  #quantified(quantifier: string): TestNode {
    const word = quantifier.toLowerCase();
    if (word !== '1' && word !== 'any' && word !== 'all')
      throw ruleError(this.#place, `"${quantifier} of" is not known; write "1 of", "any of" or "all of"`);
    let pattern: string | undefined;
    if (this.#take('(')) {
      pattern = this.#tokens[this.#at];
      this.#at += 1;
      if (!this.#take(')')) throw ruleError(this.#place, 'a closing parenthesis is missing');
    } else {
      pattern = this.#tokens[this.#at];
      this.#at += 1;
    }
    if (pattern === undefined || pattern === '(' || pattern === ')')
      throw ruleError(this.#place, `"${quantifier} of" needs a name, a pattern or "them"`);
    const nodes = this.#named(pattern);
    return word === 'all' ? allOf(nodes) : anyOf(nodes);
  }

  #named(pattern: string): readonly TestNode[] {
    const names = [...this.#selections.keys()];
    const chosen =
      pattern.toLowerCase() === 'them'
        ? names.filter((name) => !name.startsWith('_'))
        : names.filter((name) => fitsPattern(name, pattern));
    if (chosen.length === 0) throw ruleError(this.#place, `no search identifier fits "${pattern}"`);
    return chosen.flatMap((name) => this.#selections.get(name) ?? []);
  }

  #take(word: string): boolean {
    if (this.#tokens[this.#at]?.toLowerCase() !== word) return false;
    this.#at += 1;
    return true;
  }

  #deeper<T>(work: () => T): T {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw ruleError(this.#place, 'the condition is nested too deeply');
    const result = work();
    this.#depth -= 1;
    return result;
  }
}

/** Names against a pattern with `*` anywhere; case matters, as names are identifiers. */
function fitsPattern(name: string, pattern: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return name === pattern;
  if (!name.startsWith(head)) return false;
  const tail = rest.pop() ?? '';
  let at = head.length;
  for (const piece of rest) {
    const found = name.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return name.length - tail.length >= at && name.endsWith(tail);
}
