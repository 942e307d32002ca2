import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderSyntaxTree, syntaxTree, type SyntaxTree } from './syntax-tree.ts';

const rendered = (line: string): readonly string[] => {
  const tree = syntaxTree(line);
  return tree === null ? [] : renderSyntaxTree(tree);
};

describe('the tree of a line', () => {
  it.each([
    ['sudo su -', ['command sudo su -']],
    ["true; s''u - &", ['list', '  command true', '  background', "    command s''u -"]],
    ['ls && reboot || id', ['and-or && ||', '  command ls', '  command reboot', '  command id']],
    [
      'cat f | grep "$(su -c id)" > out',
      [
        'pipeline |',
        '  command cat f',
        '  command grep "$(su -c id)"',
        '    substitution',
        '      command su -c id',
        '    redirection > out',
      ],
    ],
    [
      'if true; then a; b; else c; fi',
      ['if', '  command true', '  list', '    command a', '    command b', '  command c'],
    ],
    [
      'X=1 export Y=$(id)',
      [
        'command export Y=$(id)',
        '  assignment X=1',
        '  assignment Y=$(id)',
        '    substitution',
        '      command id',
      ],
    ],
    ['cat <<E\n$(su)\nE', ['command cat', '  here-document <<E', '    substitution', '      command su']],
    ['(su)', ['subshell', '  command su']],
    ['for i in 1; do su; done', ['for i', '  command su']],
    ['until [[ -f x ]]; do { su; }; done', ['while until', '  test [[ -f x ]]', '  group', '    command su']],
    ['f() { su; }', ['function f', '  group', '    command su']],
    ['', ['list']],
  ])('%j', (line, expected) => {
    expect(rendered(line)).toEqual(expected);
  });

  it('gives what is inside a decoded script the place of the script', () => {
    const line = 'echo `a \\`b\\``';
    const places = (tree: SyntaxTree): readonly string[] => [
      `${tree.node}: ${line.slice(tree.start, tree.end)}`,
      ...tree.children.flatMap(places),
    ];
    const tree = syntaxTree(line);
    expect(tree === null ? [] : places(tree)).toContain('command: `a \\`b\\``');
  });

  it('is bounded', () => {
    expect(rendered('su;'.repeat(5_000)).length).toBeLessThan(320);
    expect(rendered('su;'.repeat(5_000))).toContain('  more');
    expect(rendered(`${'$('.repeat(500)}x`).length).toBeLessThan(320);
    expect(syntaxTree('x'.repeat(70_000))).toBeNull();
  });

  it('exists for any text, within the line', () => {
    const shellish = fc
      .array(fc.constantFrom('su', '$(', ')', '`', '"', "'", ';', '|', '&', '\n', '<<', ' ', '{', '}', '\\'))
      .map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(fc.oneof(fc.string(), shellish), (line) => {
        const check = (tree: SyntaxTree): void => {
          expect(tree.start).toBeGreaterThanOrEqual(0);
          expect(tree.end).toBeLessThanOrEqual(line.length);
          tree.children.forEach(check);
        };
        const tree = syntaxTree(line);
        if (tree !== null) check(tree);
      }),
      { numRuns: 2_000 },
    );
  });
});
