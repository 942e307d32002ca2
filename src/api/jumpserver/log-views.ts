import type { ArchiveQuery } from '#archive/archive.ts';
import type { EventRecord } from '#contract/event.ts';
import type { EventType } from '#contract/event-catalogue.ts';
import { jumpServerLoginLog, loginTypesOf, passesLoginLogFilter } from '#contract/jumpserver/login-log.ts';
import type { DisplayNames, Manner } from '#contract/jumpserver/manner.ts';
import {
  type JumpServerOperateLog,
  jumpServerOperateLog,
  OPERATE_TYPES,
  type OperateDiff,
  operateDiff,
  passesOperateLogFilter,
} from '#contract/jumpserver/operate-log.ts';
import {
  jumpServerPasswordChangeLog,
  PASSWORD_CHANGE_TYPES,
  passesPasswordChangeLogFilter,
} from '#contract/jumpserver/password-change-log.ts';
import { notFound } from '../http/error-answers.ts';
import type { Services } from '../services.ts';
import { findEvent, listEvents } from './event-views.ts';
import { readDisplayNames } from './names.ts';
import { type CommonQuery, searchOf } from './search.ts';

/** One kind of log: which events are in it, how one is shown, and which of them a query asks for. */
interface Log<Q, T> {
  readonly types: (query: Q) => readonly EventType[];
  readonly show: (event: EventRecord, names: DisplayNames, manner: Manner) => T | undefined;
  readonly passes: (item: T, query: Q) => boolean;
}

const log = <Q, T>(parts: Log<Q, T>): Log<Q, T> => parts;

export const LOGIN_LOG = log({
  types: ({ status }: { readonly status?: boolean | undefined }) => loginTypesOf(status),
  show: jumpServerLoginLog,
  passes: passesLoginLogFilter,
});
export const OPERATE_LOG = log({
  types: () => OPERATE_TYPES,
  show: jumpServerOperateLog,
  passes: passesOperateLogFilter,
});
export const PASSWORD_CHANGE_LOG = log({
  types: () => PASSWORD_CHANGE_TYPES,
  show: jumpServerPasswordChangeLog,
  passes: passesPasswordChangeLogFilter,
});

/** What of a kind of log a query asks for, newest first; `search` is what else the archive can be asked. Throws E_ARCHIVE. */
export function listLogs<Q extends CommonQuery, T extends object>(
  services: Services,
  { types, show, passes }: Log<Q, T>,
  { query, manner, signal }: { readonly query: Q; readonly manner: Manner; readonly signal: AbortSignal },
  search: Partial<ArchiveQuery> = {},
): Promise<readonly T[]> {
  return listEvents(
    services,
    {
      search: { ...searchOf(query), ...search },
      types: types(query),
      show: (event, names) => show(event, names, manner),
      passes: (item) => passes(item, query),
      order: query.order,
    },
    signal,
  );
}

/** One operation; with `detail`, what it changed. Throws E_NOT_FOUND. */
export async function showOperateLog(
  services: Services,
  id: string,
  detail: boolean,
  manner: Manner,
  signal?: AbortSignal,
): Promise<JumpServerOperateLog | OperateDiff> {
  const event = await findEvent(services, id, OPERATE_TYPES, signal);
  if (event === undefined) throw notFound();
  const names = await readDisplayNames(services.state.reader);
  if (detail) return operateDiff(event, names);
  const shown = jumpServerOperateLog(event, names, manner);
  if (shown === undefined) throw notFound();
  return shown;
}
