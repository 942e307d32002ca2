import { describe, expect, it } from 'vitest';
import { Bindings } from './bindings.ts';

const before = new Map([
  ['X', ['a']],
  ['alias y', ['ls']],
]);
const fresh = (): Bindings => new Bindings(before);

describe('meanings', () => {
  it('come from before, until they are set', () => {
    const bindings = fresh();
    expect(bindings.get('X')).toEqual(['a']);
    bindings.set('X', ['b']);
    expect(bindings.get('X')).toEqual(['b']);
    expect(before.get('X')).toEqual(['a']);
  });

  it('of what nobody defined are unknown for a variable, none for another name', () => {
    expect(fresh().get('Z')).toEqual([null]);
    expect(fresh().get('alias z')).toEqual([]);
  });

  it('can be added', () => {
    const bindings = fresh();
    bindings.add('X', ['b']);
    bindings.add('Z', ['c']);
    expect([bindings.get('X'), bindings.get('Z')]).toEqual([
      ['a', 'b'],
      [null, 'c'],
    ]);
  });

  it('are empty when nothing was defined at all', () => {
    const bindings = new Bindings(new Map());
    expect([bindings.isEmpty, fresh().isEmpty]).toEqual([true, false]);
    bindings.set('X', ['a']);
    expect(bindings.isEmpty).toBe(false);
  });

  it('are listed by kind', () => {
    const bindings = fresh();
    bindings.set('alias z', ['id']);
    bindings.set('function f', ['id']);
    expect([...bindings.names('alias')]).toEqual(['y', 'z']);
  });
});

describe('settle', () => {
  it('keeps every value since the mark, and the one before', () => {
    const bindings = fresh();
    const { mark } = bindings;
    bindings.set('X', ['b']);
    bindings.set('X', ['c']);
    bindings.set('Z', ['d']);
    expect(bindings.settle(mark)).toEqual(['X', 'Z']);
    expect(new Set(bindings.get('X'))).toEqual(new Set(['a', 'b', 'c']));
    expect(bindings.get('Z')).toEqual([null, 'd']);
  });

  it('leaves alone what was done before the mark', () => {
    const bindings = fresh();
    bindings.set('X', ['b']);
    const { mark } = bindings;
    bindings.set('Z', ['c']);
    bindings.settle(mark);
    expect(bindings.get('X')).toEqual(['b']);
  });

  it('says that nothing is different when nothing is', () => {
    const bindings = fresh();
    expect(bindings.settle(bindings.mark)).toEqual([]);
    const { mark } = bindings;
    bindings.set('X', ['a']);
    expect(bindings.settle(mark)).toEqual([]);
  });

  it('can be nested', () => {
    const bindings = fresh();
    const outer = bindings.mark;
    bindings.set('X', ['b']);
    const inner = bindings.mark;
    bindings.set('X', ['c']);
    bindings.settle(inner);
    expect(bindings.get('X')).toEqual(['b', 'c']);
    bindings.settle(outer);
    expect(new Set(bindings.get('X'))).toEqual(new Set(['a', 'b', 'c']));
  });
});

describe('alternatives', () => {
  it('are taken back and put side by side', () => {
    const bindings = fresh();
    const { mark } = bindings;
    bindings.set('X', ['b']);
    bindings.set('X', ['c']);
    const first = bindings.undo(mark);
    expect(bindings.get('X')).toEqual(['a']);
    bindings.set('Z', ['d']);
    const second = bindings.undo(mark);
    expect([[...first], [...second]]).toEqual([[['X', ['c']]], [['Z', ['d']]]]);
    bindings.redo([first, second]);
    expect(new Set(bindings.get('X'))).toEqual(new Set(['a', 'c']));
    expect(bindings.get('Z')).toEqual([null, 'd']);
  });
});

describe('another shell', () => {
  it('leaves nothing behind', () => {
    const bindings = fresh();
    bindings.set('Z', ['c']);
    bindings.aside(() => {
      bindings.set('X', ['b']);
      bindings.set('Z', ['d']);
      bindings.set('W', ['e']);
      expect(bindings.get('X')).toEqual(['b']);
    });
    expect([...bindings.finish()]).toEqual([['Z', ['c']]]);
  });
});

describe('parameters of a function', () => {
  it('hold while it runs, other names go on', () => {
    const bindings = fresh();
    const { mark } = bindings;
    bindings.local('@', ['x'], () => {
      expect(bindings.get('@')).toEqual(['x']);
      bindings.set('@', ['y']);
      bindings.set('X', ['b']);
    });
    expect([bindings.get('@'), bindings.get('X')]).toEqual([[null], ['b']]);
    bindings.settle(mark);
    expect([bindings.get('@'), bindings.get('X')]).toEqual([[null], ['a', 'b']]);
  });

  it('are given back when there were some', () => {
    const bindings = fresh();
    bindings.set('@', ['w']);
    bindings.local('@', ['x'], () => bindings.set('@', ['y']));
    expect(bindings.get('@')).toEqual(['w']);
  });
});

describe('the end of the line', () => {
  it('is not reached for sure when a program ran before', () => {
    const bindings = fresh();
    bindings.set('X', ['b']);
    bindings.noteProgram();
    bindings.set('alias y', ['id']);
    bindings.noteProgram();
    expect([...bindings.finish()]).toEqual([
      ['X', ['b']],
      ['alias y', ['ls', 'id']],
    ]);
  });

  it('counts programs in a branch', () => {
    const bindings = fresh();
    const { mark } = bindings;
    bindings.set('X', ['b']);
    bindings.set('X', ['c']);
    bindings.noteProgram();
    bindings.settle(mark);
    bindings.set('Z', ['d']);
    expect(bindings.finish().get('Z')).toEqual([null, 'd']);
  });

  it('does not count those of another shell', () => {
    const bindings = fresh();
    bindings.aside(() => bindings.noteProgram());
    bindings.set('X', ['b']);
    expect(bindings.finish().get('X')).toEqual(['b']);
  });
});
