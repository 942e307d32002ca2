import { z } from 'zod';
import { Name } from '../names.ts';
import { ActionTrial } from '../resources/action-trial.ts';
import { Lock, LockMode, LockTargetKind } from '../resources/lock.ts';
import { Offense, OffenseDetail, OffenseVerdict, PlannedAction } from '../resources/offense.ts';
import { Containment } from '../resources/session.ts';
import { Limit, READERS, RESPONDERS, defineRoute, listOf } from './route.ts';

/** An offense by its number, which people use, or its id. */
const offenseParams = z.strictObject({ id: z.union([z.string().regex(/^[1-9]\d{0,8}$/), z.uuid()]) });
const idParams = z.strictObject({ id: z.uuid() });

export const RESPONSE_ROUTES = {
  listOffenses: defineRoute({
    method: 'GET',
    path: '/v1/offenses',
    tag: 'offenses',
    summary: 'Offenses, newest first.',
    callers: READERS,
    query: z.strictObject({
      status: z.enum(['open', 'closed', 'all']).default('all'),
      entity: z.string().max(256).optional(),
      limit: Limit,
    }),
    response: listOf(Offense),
  }),
  getOffense: defineRoute({
    method: 'GET',
    path: '/v1/offenses/:id',
    tag: 'offenses',
    summary: 'One offense with episodes, evidence, actions and time line.',
    callers: READERS,
    params: offenseParams,
    response: OffenseDetail,
  }),
  closeOffense: defineRoute({
    method: 'POST',
    path: '/v1/offenses/:id/close',
    tag: 'offenses',
    summary: 'Close an offense: its episode ends and the rule is re-armed.',
    callers: RESPONDERS,
    params: offenseParams,
    body: z.strictObject({ verdict: OffenseVerdict, comment: z.string().max(4000).default('') }),
    response: Offense,
  }),
  reopenOffense: defineRoute({
    method: 'POST',
    path: '/v1/offenses/:id/reopen',
    tag: 'offenses',
    summary: 'Open a closed offense for people again; its episode stays ended and the rule armed.',
    callers: RESPONDERS,
    params: offenseParams,
    body: z.strictObject({ comment: z.string().min(1).max(4000) }),
    response: Offense,
  }),
  assignOffense: defineRoute({
    method: 'PUT',
    path: '/v1/offenses/:id/assignee',
    tag: 'offenses',
    summary: 'Say who looks after an offense: somebody with the role responder or admin.',
    callers: RESPONDERS,
    params: offenseParams,
    /** null for nobody. */
    body: z.strictObject({ assignee: Name.nullable() }),
    response: Offense,
  }),
  commentOffense: defineRoute({
    method: 'POST',
    path: '/v1/offenses/:id/comments',
    tag: 'offenses',
    summary: 'Comment on an offense.',
    callers: RESPONDERS,
    params: offenseParams,
    body: z.strictObject({ text: z.string().min(1).max(4000) }),
    response: Offense,
    status: 201,
  }),
  approveAction: defineRoute({
    method: 'POST',
    path: '/v1/actions/:id/approve',
    tag: 'offenses',
    summary: 'Let an action that waits for a person run, or send a mail again that did not arrive.',
    callers: RESPONDERS,
    params: idParams,
    response: PlannedAction,
  }),
  rejectAction: defineRoute({
    method: 'POST',
    path: '/v1/actions/:id/reject',
    tag: 'offenses',
    summary: 'Let an action that waits for a person never run.',
    callers: RESPONDERS,
    params: idParams,
    response: PlannedAction,
  }),
  testAction: defineRoute({
    method: 'POST',
    path: '/v1/actions/test',
    tag: 'offenses',
    summary: 'Try an action with given values: what is there, what would be done, which guards object.',
    callers: RESPONDERS,
    body: z.strictObject({
      name: z.string().max(64),
      /** `user` (`alice` or `Alice Li(alice)`), and what the action takes under `with` in a playbook. */
      set: z.record(z.string().max(64), z.string().max(256)).default({}),
      /** Really send the mail, marked as a test. */
      send: z.boolean().default(false),
    }),
    response: ActionTrial,
  }),
  listLocks: defineRoute({
    method: 'GET',
    path: '/v1/locks',
    tag: 'locks',
    summary: 'Locks in force.',
    callers: READERS,
    response: listOf(Lock),
  }),
  addLock: defineRoute({
    method: 'POST',
    path: '/v1/locks',
    tag: 'locks',
    summary: 'Add a lock. Answers when the sessions it concerns are gone.',
    callers: RESPONDERS,
    body: z.strictObject({
      targetKind: LockTargetKind,
      target: z.string().min(1).max(256),
      mode: LockMode.default('cut'),
      reason: z.string().max(500).default(''),
      /** Epoch milliseconds; null for a lock without end. */
      expiresAt: z.number().int().nullable().default(null),
    }),
    response: z.object({ lock: Lock, containment: Containment }),
    status: 201,
  }),
  removeLock: defineRoute({
    method: 'DELETE',
    path: '/v1/locks/:id',
    tag: 'locks',
    summary: 'End a lock. When it contained an offense, the episode ends and the rule is re-armed.',
    callers: RESPONDERS,
    params: idParams,
    query: z.strictObject({ reason: z.string().max(500).default('') }),
    response: Lock,
  }),
} as const;
