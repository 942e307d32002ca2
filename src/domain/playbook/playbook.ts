import { z } from 'zod';

const Duration = z.string().regex(/^\d{1,9}(ms|s|m|h|d)$/, 'must be a duration such as 10s or 8h');
const Id = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'must be lower-case words joined by "-"');

/** What each action takes under `with`. */
const ACTION_PARAMS = {
  /** A lock on the person. Without `expires` it stays until somebody ends it. */
  lock: z.strictObject({
    mode: z.enum(['deny', 'freeze', 'cut']).default('cut'),
    expires: Duration.optional(),
  }),
  /** A lock on the address that ends by itself: nobody knows who will come from it next. */
  block: z.strictObject({
    mode: z.enum(['deny', 'cut']).default('cut'),
    expires: Duration.default('1h'),
  }),
  /** Cuts every session of the person, lists, cuts again; verified when the list is still empty later. */
  terminate: z.strictObject({ verifyAfter: Duration.default('10s') }),
  /** A mail about the offense. */
  mail: z.strictObject({ to: z.enum(['responders', 'person']) }),
} as const;

export type ActionName = keyof typeof ACTION_PARAMS;
export type ActionParams<N extends ActionName> = z.infer<(typeof ACTION_PARAMS)[N]>;

const Step = z.discriminatedUnion('action', [
  z.strictObject({ id: Id, action: z.literal('lock'), with: ACTION_PARAMS.lock.prefault({}) }),
  z.strictObject({ id: Id, action: z.literal('block'), with: ACTION_PARAMS.block.prefault({}) }),
  z.strictObject({ id: Id, action: z.literal('terminate'), with: ACTION_PARAMS.terminate.prefault({}) }),
  z.strictObject({ id: Id, action: z.literal('mail'), with: ACTION_PARAMS.mail }),
]);

/** One playbook file: ordered actions. A later action runs when the earlier ones are through, well or badly. */
export const Playbook = z.strictObject({
  name: Id,
  title: z.string().min(1).max(128),
  description: z.string().default(''),
  actions: z.array(Step).min(1).max(50),
});
export type Playbook = z.infer<typeof Playbook>;

/** What an offense must be about for the step to have somebody to act on; null when anything will do. */
export function actsOn(step: Playbook['actions'][number]): 'user' | 'address' | null {
  switch (step.action) {
    case 'lock':
    case 'terminate':
      return 'user';
    case 'block':
      return 'address';
    case 'mail':
      return step.with.to === 'person' ? 'user' : null;
    default:
      return step satisfies never;
  }
}

/** Reads the parameters of a planned action back, as they were stored. */
export function readActionParams<N extends ActionName>(name: N, params: unknown): ActionParams<N> {
  return ACTION_PARAMS[name].parse(params) as ActionParams<N>;
}

/** What the action takes under `with`. */
export function actionParams(name: ActionName): z.ZodType {
  return ACTION_PARAMS[name];
}

/** What is wrong with the name of an action that there is not. */
export function noSuchAction(name: string): string {
  const names = Object.keys(ACTION_PARAMS);
  return `there is no action "${name}"; use ${names.slice(0, -1).join(', ')} or ${names.at(-1) ?? ''}`;
}

export function isActionName(name: string): name is ActionName {
  return Object.hasOwn(ACTION_PARAMS, name);
}
