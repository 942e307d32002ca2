import { PortcullisError } from '#contract/errors.ts';
import { Name, nameKey } from '#contract/names.ts';
import { formatEntity } from '#domain/detection/entity.ts';
import { usernameIn } from '#domain/playbook/person-name.ts';
import type { ActionName } from '#domain/playbook/playbook.ts';
import { addressBlock } from '#lib/ip-text.ts';
import { parseIpAddress } from '#lib/ip.ts';
import type { StateReader } from '#state/state.ts';
import type { ActionContext } from '../actions/action-context.ts';
import { aimAtAddress } from '../actions/block-action.ts';
import { aimAtUser } from '../actions/lock-action.ts';
import type { LockAim } from '../actions/place-lock.ts';

/** On whom an action is tried. */
export interface TrialSubject {
  /** Null for a person of another realm: what is there only that bastion knows. */
  readonly aim: LockAim | null;
  readonly entity: string;
  /** What is for the action itself. */
  readonly given: Readonly<Record<string, string>>;
}

export function mistake(path: string, message: string): PortcullisError {
  return new PortcullisError('E_INPUT', 'The action cannot be tried so.', { problems: [{ path, message }] });
}

/** Throws E_INPUT when the values name nobody. */
export async function readSubject(
  name: ActionName,
  set: Readonly<Record<string, string>>,
  context: Pick<ActionContext, 'state' | 'connectors'>,
): Promise<TrialSubject> {
  if (name === 'block') return readAddress(set);
  const { user, realm = 'gateway', ...given } = set;
  if (user === undefined) throw mistake('set.user', "is missing; for example --set user='Alice Li(alice)'");
  if (realm === 'gateway') {
    const username = await findUsername(context.state.reader, user);
    return {
      aim: aimAtUser(username),
      entity: formatEntity({ kind: 'user', realm, username }),
      given,
    };
  }
  if (!context.connectors.has(realm)) throw mistake('set.realm', `there is no connector ${realm}`);
  return { aim: null, entity: formatEntity({ kind: 'user', realm, username: usernameIn(user) }), given };
}

function readAddress({ address, ...given }: Readonly<Record<string, string>>): TrialSubject {
  if (address === undefined || parseIpAddress(address) === undefined)
    throw mistake('set.address', 'must be an IP address; for example --set address=192.0.2.1');
  const block = addressBlock(address);
  return { aim: aimAtAddress(block), entity: formatEntity({ kind: 'address', address: block }), given };
}

async function findUsername(db: StateReader, text: string): Promise<string> {
  const name = Name.safeParse(usernameIn(text));
  const row = !name.success
    ? undefined
    : await db
        .selectFrom('users')
        .select('usernameKey')
        .where('usernameKey', '=', nameKey(name.data))
        .executeTakeFirst();
  if (row === undefined) throw mistake('set.user', `there is no user ${usernameIn(text)}`);
  return row.usernameKey;
}
