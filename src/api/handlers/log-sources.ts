import { PortcullisError } from '#contract/errors.ts';
import { nameKey } from '#contract/names.ts';
import type { LogSource, NewLogSource } from '#contract/resources/log-source.ts';
import type { LOG_SOURCE_ROUTES } from '#contract/routes/log-source-routes.ts';
import { canonicalRange } from '#lib/ip-text.ts';
import { newId } from '#lib/ids.ts';
import {
  confirmLogSource,
  deleteLogSource,
  findLogSource,
  insertLogSource,
  readLogSources,
} from '#state/log-sources.ts';
import type { LogSourceRow } from '#state/schema.ts';
import { auditor } from '../audit.ts';
import { notFound } from '../http/error-answers.ts';
import type { Handlers } from '../http/register-routes.ts';
import type { Services } from '../services.ts';

/** A rate that was noted longer ago says nothing about now. */
const FRESH_MS = 60_000;
const OWN = 'gateway';

export function logSourceHandlers({
  state,
  connectors,
  logSources,
  clock,
}: Pick<Services, 'state' | 'connectors' | 'logSources' | 'clock'>): Handlers<typeof LOG_SOURCE_ROUTES> {
  const view = (row: LogSourceRow): LogSource => viewOf(row, clock());
  const find = async (name: string): Promise<LogSourceRow> => {
    const row = await findLogSource(state.reader, name);
    if (row === undefined) throw notFound();
    return row;
  };
  const requireRealm = (realm: string | undefined): void => {
    if (realm === undefined) return;
    const names = connectors.list().map(({ name }) => name);
    if (names.includes(realm)) return;
    const known = names.length === 0 ? 'none is configured' : `configured: ${names.join(', ')}`;
    throw inputProblem('realm', `must be a connector; ${known}`);
  };

  return {
    listLogSources: async () => ({ items: (await readLogSources(state.reader)).map(view) }),
    addLogSource: async ({ caller, body }) => {
      requireRealm(body.realm);
      const source = readNew(body);
      const nowMs = clock();
      const isNew = await state.transact(async (tx, emit) => {
        const done = await insertLogSource(
          tx,
          { ...source, id: newId(nowMs), confirmedBy: caller.name },
          nowMs,
        );
        const { name, ...lines } = source;
        if (done) auditor(emit, caller, nowMs).created('log-source', name, lines);
        return done;
      });
      if (!isNew)
        throw new PortcullisError(
          'E_CONFLICT',
          'There is a log source with that name, or with the same lines. Forget it first, or confirm it.',
        );
      await logSources.changed();
      return view(await find(source.name));
    },
    confirmLogSource: async ({ caller, params, body }) => {
      requireRealm(body.realm);
      const row = await find(params.name);
      const realm = body.realm ?? row.realm;
      const nowMs = clock();
      await state.transact(async (tx, emit) => {
        await confirmLogSource(tx, row.id, { realm, by: caller.name, nowMs });
        const { address, host, app } = row;
        auditor(emit, caller, nowMs).updated('log-source', row.name, {
          confirmed: true,
          realm,
          address,
          host,
          app,
        });
      });
      await logSources.changed();
      return view(await find(row.name));
    },
    forgetLogSource: async ({ caller, params }) => {
      const row = await find(params.name);
      await state.transact(async (tx, emit) => {
        await deleteLogSource(tx, row.id);
        auditor(emit, caller, clock()).deleted('log-source', row.name);
      });
      await logSources.changed();
      return undefined;
    },
    explainLines: async ({ body }) => ({ items: [...(await logSources.explain(body))] }),
    importLines: async ({ params, body }) => {
      if (nameKey(params.name) === OWN)
        throw inputProblem('name', 'the history of the gateway is its own to write');
      const row = await findLogSource(state.reader, params.name);
      return logSources.importHistory({
        source:
          row === undefined
            ? { name: params.name, realm: params.name, confirmed: false }
            : { name: row.name, realm: row.realm, confirmed: row.confirmedAt !== null },
        file: body.file,
        firstLine: body.firstLine,
        writtenAtMs: body.writtenAt,
        lines: body.lines,
      });
    },
  };
}

function readNew({ name, address, host, app, realm }: NewLogSource): Omit<NewLogSource, 'realm'> & {
  readonly realm: string;
} {
  const place = canonicalRange(address);
  if (place === undefined)
    throw inputProblem('address', 'must be an IP address or a range such as 10.0.0.0/8');
  if (nameKey(name) === OWN) throw inputProblem('name', 'is what the server itself is called');
  return { name, address: place, host: host.toLowerCase(), app: app.toLowerCase(), realm: realm ?? name };
}

function inputProblem(path: string, message: string): PortcullisError {
  return new PortcullisError('E_INPUT', 'The log source cannot be so.', { problems: [{ path, message }] });
}

function viewOf(row: LogSourceRow, nowMs: number): LogSource {
  const { name, address, host, app, realm, confirmedAt, confirmedBy, createdAt, lastAt } = row;
  const { messages, failures, ratePerMinute, types } = row;
  return {
    name,
    address,
    host,
    app,
    realm,
    confirmed: confirmedAt !== null,
    confirmedBy,
    createdAt,
    lastAt,
    messages,
    failures,
    ratePerMinute: lastAt !== null && nowMs - lastAt < FRESH_MS ? ratePerMinute : 0,
    types: JSON.parse(types) as Record<string, number>,
  };
}
