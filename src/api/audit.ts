import type { EventType } from '#contract/event-catalogue.ts';
import { type EventFields, makeEvent } from '#contract/event.ts';
import type { AppliedObject } from '#contract/resources/apply-result.ts';
import { newId } from '#lib/ids.ts';
import type { JsonObject } from '#lib/json.ts';
import type { EmitEvent } from '#state/state.ts';
import { addressOf, type Caller } from './access/caller.ts';

export type ObjectKind = AppliedObject['kind'] | 'host-keys' | 'log-source';

/** Writes what a person changed through the API to the audit trail, in the transaction that changes it. */
export interface Auditor {
  created(kind: ObjectKind, name: string, data?: JsonObject): void;
  updated(kind: ObjectKind, name: string, data?: JsonObject): void;
  deleted(kind: ObjectKind, name: string): void;
  passwordChanged(username: string): void;
  tokenCreated(username: string, data: JsonObject): void;
  tokenRevoked(username: string, data: JsonObject): void;
}

export function auditor(emit: EmitEvent, caller: Pick<Caller, 'name' | 'address'>, now: number): Auditor {
  const write = (type: EventType, fields: EventFields): void =>
    emit(
      makeEvent(type, newId(now), now, {
        actor: caller.name,
        ...addressOf(caller),
        ...fields,
      }),
    );
  const object = (type: EventType, verb: string, kind: ObjectKind, name: string, data: JsonObject): void =>
    write(type, {
      ...(kind === 'user' ? { user: name } : {}),
      ...(kind === 'asset' ? { asset: name } : {}),
      message: `${caller.name} ${verb} ${kind} ${name}.`,
      data: { kind, name, ...data },
    });
  return {
    created: (kind, name, data = {}) => object('object.created', 'created', kind, name, data),
    updated: (kind, name, data = {}) => object('object.updated', 'changed', kind, name, data),
    deleted: (kind, name) => object('object.deleted', 'deleted', kind, name, {}),
    passwordChanged: (user) =>
      write('user.password_changed', { user, message: `${caller.name} set the password of ${user}.` }),
    tokenCreated: (user, data) =>
      write('token.created', { user, message: `${caller.name} created a token for ${user}.`, data }),
    tokenRevoked: (user, data) =>
      write('token.revoked', { user, message: `${caller.name} revoked a token of ${user}.`, data }),
  };
}
