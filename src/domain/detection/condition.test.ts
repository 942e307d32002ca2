import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPortcullisError } from '#contract/errors.ts';
import { compileCondition } from './condition.ts';
import { EventView, FieldTable } from './event-view.ts';
import { leaf } from './test-node.ts';

type Expression =
  | { readonly name: 'a' | 'b' | 'c' }
  | { readonly not: Expression }
  | { readonly and: readonly [Expression, Expression] }
  | { readonly or: readonly [Expression, Expression] };

const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 6 },
    fc.record({ name: fc.constantFrom('a' as const, 'b' as const, 'c' as const) }),
    fc.record({ not: tie('expression') }),
    fc.record({ and: fc.tuple(tie('expression'), tie('expression')) }),
    fc.record({ or: fc.tuple(tie('expression'), tie('expression')) }),
  ),
}));

/** Writes the expression with as few parentheses as the precedence allows. */
function print(expression: Expression, outer: 'or' | 'and' | 'not'): string {
  if ('name' in expression) return expression.name;
  if ('not' in expression) return `not ${print(expression.not, 'not')}`;
  const [operator, [left, right]] =
    'and' in expression ? (['and', expression.and] as const) : (['or', expression.or] as const);
  const text = `${print(left, operator)} ${operator} ${print(right, operator)}`;
  return outer === 'or' || outer === operator ? text : `(${text})`;
}

function evaluate(expression: Expression, truth: Readonly<Record<string, boolean>>): boolean {
  if ('name' in expression) return truth[expression.name] === true;
  if ('not' in expression) return !evaluate(expression.not, truth);
  if ('and' in expression) return evaluate(expression.and[0], truth) && evaluate(expression.and[1], truth);
  return evaluate(expression.or[0], truth) || evaluate(expression.or[1], truth);
}

test('means what the tree means from which it was written', () => {
  const view = new EventView(new FieldTable());
  fc.assert(
    fc.property(expression, fc.boolean(), fc.boolean(), fc.boolean(), (tree, a, b, c) => {
      const truth = { a, b, c };
      const selections = new Map(Object.entries(truth).map(([name, value]) => [name, leaf(() => value)]));
      const compiled = compileCondition(print(tree, 'or'), selections, 'r.yml:1');
      expect(compiled.test(view)).toBe(evaluate(tree, truth));
    }),
    { numRuns: 1000 },
  );
});

test('never does anything but compile or refuse', () => {
  const word = fc.constantFrom('a', 'b', '(', ')', 'and', 'or', 'not', '1', 'of', 'all', 'them', 'a*', '*');
  const selections = new Map([
    ['a', leaf(() => true)],
    ['b', leaf(() => false)],
  ]);
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), (words) => {
      const compile = (): string => {
        try {
          compileCondition(words.join(' '), selections, 'r.yml:1');
          return 'compiled';
        } catch (error) {
          return isPortcullisError(error) ? error.code : String(error);
        }
      };
      expect(['compiled', 'E_RULE']).toContain(compile());
    }),
  );
});
