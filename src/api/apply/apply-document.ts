import type { ApplyDocument } from '#contract/apply-document.ts';
import { PortcullisError, type Problem } from '#contract/errors.ts';
import type { ApplyResult } from '#contract/resources/apply-result.ts';
import { keepAnAdministrator } from '#state/administrator-guard.ts';
import type { Caller } from '../access/caller.ts';
import { auditor } from '../audit.ts';
import type { Services } from '../services.ts';
import { Changes } from './changes.ts';
import { checkReferences } from './check-references.ts';
import { planPasswords } from './plan-passwords.ts';
import { prepareDocument } from './prepare-document.ts';
import { storeAssets } from './store-assets.ts';
import { storeGroups, storeUsers } from './store-people.ts';
import { storePolicy } from './store-policy.ts';

export interface ApplyOptions {
  /** Do everything and keep nothing. */
  readonly dryRun?: boolean;
  /** Refuse when any of the objects exists. */
  readonly mustCreate?: boolean;
}

/** Carries the result of a dry run out of the transaction that must not be committed. */
class NotKept extends Error {
  readonly result: ApplyResult;
  constructor(result: ApplyResult) {
    super('dry run');
    this.result = result;
  }
}

/**
 * Makes the state as the document says: all of it in one transaction, or nothing. Objects that are not mentioned
 * stay; running it again changes nothing.
 *
 * @throws PortcullisError E_INPUT with every problem and its path.
 */
export async function applyDocument(
  services: Pick<Services, 'state' | 'vault' | 'passwords' | 'policy' | 'clock'>,
  document: Partial<ApplyDocument>,
  caller: Caller,
  options: ApplyOptions = {},
): Promise<ApplyResult> {
  const { state, vault, passwords, policy, clock } = services;
  const { prepared, problems } = prepareDocument(document);
  const all = [...problems, ...(await checkReferences(state.reader, prepared))];
  if (all.length > 0) throw documentError(all);
  const plans = await planPasswords(state.reader, passwords, prepared.users);

  let result: ApplyResult;
  try {
    result = await state.transact(async (tx, emit) => {
      const now = clock();
      // Somebody may have deleted what the first look found.
      const gone = await checkReferences(tx, prepared);
      if (gone.length > 0) throw documentError(gone);
      const changes = new Changes(auditor(emit, caller, now));
      await keepAnAdministrator(tx, now, async () => {
        await storeUsers(tx, prepared.users, plans, changes, now);
        await storeGroups(tx, prepared.groups, changes, now);
      });
      await storeAssets(tx, prepared.assets, vault, changes, now);
      await storePolicy(tx, prepared, changes, now);
      const done = changes.result();
      const [known] = [...done.updated, ...done.unchanged];
      if (options.mustCreate === true && known !== undefined)
        throw new PortcullisError('E_CONFLICT', `There is a ${known.kind} ${known.name} already.`);
      if (options.dryRun === true) throw new NotKept(done);
      return done;
    });
  } catch (error) {
    if (error instanceof NotKept) return error.result;
    throw error;
  }
  policy.policyChanged();
  return result;
}

function documentError(problems: readonly Problem[]): PortcullisError {
  const count = problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`;
  return new PortcullisError('E_INPUT', `The document has ${count}; nothing was changed.`, { problems });
}
