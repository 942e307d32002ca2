import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { openMatrixBed, type MatrixBed } from './matrix-bed.ts';
import type { Person } from './person.ts';
import { SHELLS, type ShellKind } from './shells.ts';

export interface InShell {
  readonly bed: () => MatrixBed;
  /** The person logged in to this shell, at its prompt. */
  readonly enter: () => Promise<Person>;
}

/**
 * The same cases in each shell that fits. All cases of a shell share one login, so that each also shows that the
 * filter is awake after the one before; after a failure the next one logs in anew.
 */
export function inEachShell(
  cases: (shell: ShellKind, within: InShell) => void,
  fits: (shell: ShellKind) => boolean = () => true,
): void {
  let bed: MatrixBed | undefined;
  beforeAll(async () => {
    bed = await openMatrixBed();
  });
  afterAll(() => bed?.[Symbol.asyncDispose]());
  const opened = (): MatrixBed => {
    if (bed === undefined) throw new Error('the bed is not open');
    return bed;
  };

  describe.each(SHELLS.filter(fits).map((shell) => [shell.name, shell] as const))('%s', (_name, shell) => {
    let person: Person | undefined;
    const leave = async (): Promise<void> => {
      await person?.[Symbol.asyncDispose]();
      person = undefined;
    };
    afterEach(async ({ task }) => {
      if (task.result?.state === 'fail') await leave();
    });
    afterAll(leave);
    cases(shell, {
      bed: opened,
      enter: async () => {
        person ??= await opened().enter(shell);
        await person.prompt();
        return person;
      },
    });
  });
}
