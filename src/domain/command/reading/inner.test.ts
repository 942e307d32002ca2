import { describe, expect, it } from 'vitest';
import { literalField, type Field } from './field.ts';
import { innerFields, innerJoined, innerSource } from './inner.ts';

const field = (text: string, start = 0): Field => literalField(text, { start, end: start + text.length });

describe('what runs in turn', () => {
  it('is nothing without a command', () => {
    expect([innerFields([]), innerSource(undefined), innerJoined([])]).toEqual([[], [], []]);
  });

  it('is a program with arguments', () => {
    const fields = [field('ls')];
    expect(innerFields(fields)).toEqual([{ runs: 'fields', fields, stdin: 'inherited' }]);
    expect(innerFields(fields, 'unknown')).toEqual([{ runs: 'fields', fields, stdin: 'unknown' }]);
  });

  it('is source with parameters', () => {
    const source = field('ls');
    const parameters = [field('a')];
    expect(innerSource(source, parameters)).toEqual([
      { runs: 'source', source, parameters, sameShell: false },
    ]);
  });

  it('is all arguments as one source, at the place of all of them', () => {
    expect(innerJoined([field('ls', 4), field('-l', 7)])).toMatchObject([
      { runs: 'source', source: { text: 'ls -l', certain: true, start: 4, end: 9 }, sameShell: false },
    ]);
  });

  it.each([
    [{ certain: false }, false],
    [{ certain: false, pattern: true }, true],
  ] as const)('and is known when all arguments are: %j', (fields, certain) => {
    expect(innerJoined([field('ls'), { ...field('x'), ...fields }])).toMatchObject([{ source: { certain } }]);
  });
});
