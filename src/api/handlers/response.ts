import { PortcullisError } from '#contract/errors.ts';
import type { Offense, PlannedAction } from '#contract/resources/offense.ts';
import type { RESPONSE_ROUTES } from '#contract/routes/response-routes.ts';
import type { OffenseRow } from '#state/schema.ts';
import {
  findActionView,
  findOffense,
  offenseView,
  readOffenseDetail,
  readOffenseViews,
} from '#state/offense-view-reader.ts';
import { addLockKeepingAnAdministrator } from '../access/add-lock.ts';
import { endLocks } from '../access/end-locks.ts';
import { notFound } from '../http/error-answers.ts';
import type { Handlers } from '../http/register-routes.ts';
import { lockExcessProblem, lockTargetProblem } from '../lock-target.ts';
import type { Services } from '../services.ts';

export function responseHandlers(services: Services): Handlers<typeof RESPONSE_ROUTES> {
  const { state, locks, offenses, actions, policy, clock } = services;

  const find = async (id: string): Promise<OffenseRow> => {
    const row = await findOffense(state.reader, id);
    if (row === undefined) throw notFound();
    return row;
  };
  const fresh = async (id: string): Promise<Offense> => offenseView(await find(id));
  const decideAction = async (id: string, decided: boolean): Promise<PlannedAction> => {
    const action = await findActionView(state.reader, id);
    if (action === undefined) throw notFound();
    if (!decided)
      throw new PortcullisError(
        'E_CONFLICT',
        `The action does not wait for a person; it is ${action.state}.`,
      );
    return action;
  };

  return {
    listOffenses: async ({ query }) => ({
      items: [
        ...(await readOffenseViews(state.reader, {
          status: query.status === 'all' ? undefined : query.status,
          entity: query.entity,
          limit: query.limit,
        })),
      ],
    }),
    getOffense: async ({ params }) => readOffenseDetail(state.reader, await find(params.id)),
    closeOffense: async ({ caller, params, body }) => {
      const offense = await find(params.id);
      const closed = await offenses.close(offense.id, { by: caller.name, ...body });
      if (!closed) throw new PortcullisError('E_CONFLICT', `Offense ${offense.number} is closed already.`);
      policy.policyChanged();
      return fresh(offense.id);
    },
    reopenOffense: async ({ caller, params, body }) => {
      const offense = await find(params.id);
      const reopened = await offenses.reopen(offense.id, { by: caller.name, comment: body.comment });
      if (!reopened) throw new PortcullisError('E_CONFLICT', `Offense ${offense.number} is open.`);
      return fresh(offense.id);
    },
    assignOffense: async ({ caller, params, body }) => {
      const offense = await find(params.id);
      await offenses.assign(offense.id, { by: caller.name, assignee: body.assignee });
      return fresh(offense.id);
    },
    commentOffense: async ({ caller, params, body }) => {
      const offense = await find(params.id);
      await offenses.comment(offense.id, { by: caller.name, text: body.text });
      return fresh(offense.id);
    },
    approveAction: async ({ caller, params }) =>
      decideAction(params.id, await actions.approve(params.id, caller.name)),
    rejectAction: async ({ caller, params }) =>
      decideAction(params.id, await actions.reject(params.id, caller.name)),
    testAction: ({ body }) => services.trials.run(body),
    listLocks: async () => ({ items: [...(await locks.inForce())] }),
    addLock: async ({ caller, body }) => {
      const problem = await lockTargetProblem(services, body.targetKind, body.target);
      if (problem !== undefined)
        throw new PortcullisError('E_INPUT', 'The lock would hit nothing.', {
          problems: [{ path: 'target', message: problem }],
        });
      if (body.expiresAt !== null && body.expiresAt <= clock())
        throw new PortcullisError('E_INPUT', 'The lock would have expired already.', {
          problems: [{ path: 'expiresAt', message: 'must be in the future' }],
        });
      const excess = lockExcessProblem(body.targetKind, body.target);
      if (excess !== undefined)
        throw new PortcullisError('E_INPUT', 'The lock would hit too much.', {
          problems: [{ path: 'target', message: excess }],
        });
      return addLockKeepingAnAdministrator(services, caller, body);
    },
    removeLock: async ({ caller, params, query }) => {
      const [lock] = await endLocks(services, caller, [params], query.reason);
      if (lock === undefined) throw notFound();
      return lock;
    },
  };
}
