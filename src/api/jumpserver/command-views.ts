import {
  COMMAND_STORAGE_ID,
  COMMAND_TYPES,
  type CommandFilter,
  commandTypesOf,
  type JumpServerCommand,
  jumpServerCommand,
  passesCommandFilter,
} from '#contract/jumpserver/command.ts';
import type { Manner } from '#contract/jumpserver/manner.ts';
import { usernameIn } from '#domain/playbook/person-name.ts';
import type { Services } from '../services.ts';
import { listEvents } from './event-views.ts';
import { type CommonQuery, searchOf } from './search.ts';

/** Commands, newest first. Throws E_ARCHIVE. */
export async function listCommands(
  services: Services,
  filter: CommandFilter & CommonQuery,
  manner: Manner,
  signal?: AbortSignal,
): Promise<readonly JumpServerCommand[]> {
  const { command_storage_id: storage, risk_level: level, asset_id: assetId } = filter;
  if (storage !== undefined && storage.toLowerCase() !== COMMAND_STORAGE_ID) return [];
  const session = filter.session_id ?? filter.session;
  const asset = assetId === undefined ? undefined : await assetName(services, assetId);
  if (assetId !== undefined && asset === undefined) return [];
  return listEvents(
    services,
    {
      search: {
        ...searchOf(filter),
        ...(session === undefined ? {} : { session: session.toLowerCase() }),
        ...(asset === undefined ? {} : { asset }),
        ...exactUser(filter.user),
      },
      types: level === undefined ? COMMAND_TYPES : commandTypesOf(Number(level)),
      show: (event, names) => jumpServerCommand(event, names, manner),
      passes: (command) => passesCommandFilter(command, filter),
      order: filter.order,
    },
    signal,
  );
}

/** `Alice Li(alice)` names one user; anything shorter may be the beginning of several. */
function exactUser(user: string | undefined): { readonly user?: string } {
  const username = usernameIn(user ?? '');
  return user === undefined || username === user ? {} : { user: username };
}

async function assetName({ state }: Services, id: string): Promise<string | undefined> {
  const row = await state.reader
    .selectFrom('assets')
    .select('name')
    .where('id', '=', id.toLowerCase())
    .executeTakeFirst();
  return row?.name;
}
