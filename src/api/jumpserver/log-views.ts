import {
  type JumpServerLoginLog,
  jumpServerLoginLog,
  type LoginLogFilter,
  loginTypesOf,
  passesLoginLogFilter,
} from '#contract/jumpserver/login-log.ts';
import type { Manner } from '#contract/jumpserver/manner.ts';
import {
  type JumpServerOperateLog,
  jumpServerOperateLog,
  OPERATE_TYPES,
  type OperateDiff,
  operateDiff,
  type OperateLogFilter,
  passesOperateLogFilter,
} from '#contract/jumpserver/operate-log.ts';
import {
  type JumpServerPasswordChangeLog,
  jumpServerPasswordChangeLog,
  PASSWORD_CHANGE_TYPES,
  type PasswordChangeLogFilter,
  passesPasswordChangeLogFilter,
} from '#contract/jumpserver/password-change-log.ts';
import type { ArchiveQuery } from '#archive/archive.ts';
import { notFound } from '../http/error-answers.ts';
import type { Services } from '../services.ts';
import { findEvent, listEvents } from './event-views.ts';
import { readDisplayNames } from './names.ts';
import type { Span } from './span.ts';

/** What every log can ask the archive for itself. */
function searchOf(
  filter: { readonly id?: string | undefined },
  { sinceMs, untilMs }: Span,
): Partial<ArchiveQuery> {
  return {
    ...(filter.id === undefined ? {} : { id: filter.id }),
    ...(sinceMs === undefined ? {} : { sinceMs }),
    ...(untilMs === undefined ? {} : { untilMs }),
  };
}

/** Throws E_ARCHIVE, as do the others. */
export function listLoginLogs(
  services: Services,
  filter: LoginLogFilter,
  span: Span & { readonly user?: string },
  manner: Manner,
  signal?: AbortSignal,
): Promise<readonly JumpServerLoginLog[]> {
  return listEvents(
    services,
    {
      search: {
        ...searchOf(filter, span),
        ...(span.user === undefined ? {} : { user: span.user }),
        ...(filter.ip === undefined ? {} : { address: filter.ip }),
      },
      types: loginTypesOf(filter.status),
      show: (event, names) => jumpServerLoginLog(event, names, manner),
      passes: (log) => passesLoginLogFilter(log, filter),
      order: filter.order,
    },
    signal,
  );
}

export function listOperateLogs(
  services: Services,
  filter: OperateLogFilter,
  span: Span,
  manner: Manner,
  signal?: AbortSignal,
): Promise<readonly JumpServerOperateLog[]> {
  return listEvents(
    services,
    {
      search: searchOf(filter, span),
      types: OPERATE_TYPES,
      show: (event, names) => jumpServerOperateLog(event, names, manner),
      passes: (log) => passesOperateLogFilter(log, filter),
      order: filter.order,
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
  const log = jumpServerOperateLog(event, names, manner);
  if (log === undefined) throw notFound();
  return log;
}

export function listPasswordChangeLogs(
  services: Services,
  filter: PasswordChangeLogFilter,
  span: Span,
  manner: Manner,
  signal?: AbortSignal,
): Promise<readonly JumpServerPasswordChangeLog[]> {
  return listEvents(
    services,
    {
      search: searchOf(filter, span),
      types: PASSWORD_CHANGE_TYPES,
      show: (event, names) => jumpServerPasswordChangeLog(event, names, manner),
      passes: (log) => passesPasswordChangeLogFilter(log, filter),
      order: filter.order,
    },
    signal,
  );
}
