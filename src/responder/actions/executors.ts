import { parseEntity } from '#domain/detection/entity.ts';
import type { ActionName } from '#domain/playbook/playbook.ts';
import type { ActionRow } from '#state/schema.ts';
import { runDisable } from '../realms/disable-action.ts';
import { runEndSessions } from '../realms/end-sessions-action.ts';
import type { ActionExecutor } from './action-context.ts';
import { runBlock } from './block-action.ts';
import { runLock } from './lock-action.ts';
import { runMail } from './mail-action.ts';
import { runTerminate } from './terminate-action.ts';

type Executors = Readonly<Record<ActionName, ActionExecutor>>;

/** For our own users, and for what is about nobody. */
const HERE: Executors = { lock: runLock, block: runBlock, terminate: runTerminate, mail: runMail };
/** The same steps for users of other realms: a connector has the hands. */
const ELSEWHERE: Executors = {
  lock: runDisable,
  block: runBlock,
  terminate: runEndSessions,
  mail: runMail,
};

/** Who carries the action out: the same playbook contains people wherever they are. */
export function executorFor(name: ActionName, row: ActionRow): ActionExecutor {
  const entity = parseEntity(row.target);
  const isElsewhere = entity?.kind === 'user' && entity.realm !== 'gateway';
  return (isElsewhere ? ELSEWHERE : HERE)[name];
}
