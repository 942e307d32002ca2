import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventRecord } from '#contract/event.ts';
import { forbidding } from '../testbed/command-rules.ts';
import { GRANT, openBed, type Bed } from '../gateway-session/bed.ts';
import { forcedCommand } from './asset.ts';
import { Person } from './person.ts';
import type { ShellKind } from './shells.ts';

/** A gateway with forbidden programs before an asset on which each person gets the shell they ask for. */
export interface MatrixBed extends AsyncDisposable {
  readonly bed: Bed;
  readonly folder: string;
  /** Logs in with a real ssh and waits for the shell's first prompt. */
  enter(shell: ShellKind): Promise<Person>;
  /** Logs in without waiting. */
  start(shell: ShellKind): Person;
  events(type: EventRecord['type']): Promise<readonly EventRecord[]>;
}

const RULE = forbidding('no-identity-change', 'su', 'reboot', 'forbidden-tool');

export async function openMatrixBed(): Promise<MatrixBed> {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-matrix-'));
  const bed = await openBed({
    commandRules: [RULE],
    grants: [GRANT],
    sshdConfig: [`ForceCommand ${forcedCommand(folder)}`],
  });
  let people = 0;
  const start = (shell: ShellKind): Person => {
    people += 1;
    return new Person(shell, join(folder, `home-${people}`), bed.ssh(`alice@${bed.sshd.account}@web01`));
  };
  return {
    bed,
    folder,
    start,
    async enter(shell) {
      const person = start(shell);
      await person.prompt();
      return person;
    },
    events: async (type) => (await bed.events()).filter((event) => event.type === type),
    async [Symbol.asyncDispose]() {
      await bed[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}
