import type { JsonObject } from '#lib/json.ts';
import { actionId } from '../offense/identity.ts';
import type { ActionMode } from '../offense/response-mode.ts';
import type { ActionName, Playbook } from './playbook.ts';

/** Target of a mail to the people who answer offenses. */
export const RESPONDERS = 'responders';

export interface PlannedAction {
  readonly id: string;
  readonly playbook: string;
  /** Place in the playbook, from 1. */
  readonly step: number;
  readonly action: ActionName;
  /** The entity, or `RESPONDERS`. */
  readonly target: string;
  readonly params: JsonObject;
  readonly mode: ActionMode;
  readonly state: 'planned' | 'awaiting_approval';
}

/** What a playbook does about one episode. The same episode always gives the same actions with the same ids. */
export function plan(
  playbook: Playbook,
  about: {
    readonly offenseId: string;
    readonly episode: number;
    readonly entity: string;
    readonly mode: ActionMode;
  },
): readonly PlannedAction[] {
  return stepsOf(playbook, about.mode).map((one, index) => {
    const step = index + 1;
    const target = one.action === 'mail' && one.with.to === 'responders' ? RESPONDERS : about.entity;
    // Telling the responders changes nothing and must not wait for anybody: it is how they hear of the question.
    const waits = about.mode === 'approve' && target !== RESPONDERS;
    return {
      id: actionId(about.offenseId, about.episode, playbook.name, step, target),
      playbook: playbook.name,
      step,
      action: one.action,
      target,
      params: { ...one.with } as JsonObject,
      mode: about.mode,
      state: waits ? 'awaiting_approval' : 'planned',
    };
  });
}

/** A question that nobody hears of is none: who must approve is told, also where the playbook tells nobody. */
function stepsOf({ actions }: Playbook, mode: ActionMode): Playbook['actions'] {
  const isTold = actions.some((one) => one.action === 'mail' && one.with.to === 'responders');
  return mode !== 'approve' || isTold
    ? actions
    : [...actions, { id: 'tell-responders', action: 'mail', with: { to: 'responders' } }];
}
