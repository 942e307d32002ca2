import { derivedId } from '#lib/ids.ts';

/** One offense per rule family and entity, for ever; what repeats is its episodes. */
export function offenseId(family: string, entity: string): string {
  return derivedId('offense', family, entity);
}

/** A fire is (rule, key, episode): the same facts give the same id, so a retry is recognised. */
export function fireId(ruleId: string, key: string, offense: string, episode: number): string {
  return derivedId('fire', ruleId, key, offense, episode);
}

/** An action is (offense, episode, playbook, step, target). */
export function actionId(
  offense: string,
  episode: number,
  playbook: string,
  step: number,
  target: string,
): string {
  return derivedId('action', offense, episode, playbook, step, target);
}
