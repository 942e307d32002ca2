import { isTooMuch } from '#archive/archive-error.ts';
import { MOST_RESULTS } from '#archive/search-statement.ts';
import type { ArchiveQuery } from '#archive/archive.ts';
import type { EventRecord } from '#contract/event.ts';
import type { EventType } from '#contract/event-catalogue.ts';
import { orderItems } from '#contract/jumpserver/filters.ts';
import type { DisplayNames } from '#contract/jumpserver/manner.ts';
import type { Services } from '../services.ts';
import { readDisplayNames } from './names.ts';

type Parts = Pick<Services, 'state' | 'archive'>;

/** One list that is made of events. */
export interface EventListQuery<T> {
  /** What the archive is asked; whatever it cannot be asked, `passes` decides. */
  readonly search: Omit<ArchiveQuery, 'limit' | 'realm' | 'types'>;
  readonly types: readonly EventType[];
  /** Undefined for an event that does not belong in the list. */
  readonly show: (event: EventRecord, names: DisplayNames) => T | undefined;
  readonly passes: (item: T) => boolean;
  readonly order?: string | undefined;
}

/** Somebody who pastes very long lines must not keep the others from reading the log: then it is a shorter one. */
const LIMITS = [MOST_RESULTS, 1_000, 100];

/**
 * Newest first. Only what happened here: events of foreign bastions are theirs to tell. Of more than 10,000 that the
 * archive finds, the newest are looked through; of fewer when those are too large to be answered at once.
 */
export async function listEvents<T extends object>(
  { state, archive }: Parts,
  query: EventListQuery<T>,
  signal?: AbortSignal,
): Promise<readonly T[]> {
  if (query.types.length === 0) return [];
  const [names, events] = await Promise.all([
    readDisplayNames(state.reader),
    searchWhatFits(archive, { ...query.search, types: query.types, realm: 'gateway' }, signal),
  ]);
  const items = events
    .map((event) => query.show(event, names))
    .filter((item) => item !== undefined)
    .filter(query.passes);
  return orderItems(items, query.order);
}

async function searchWhatFits(
  archive: Parts['archive'],
  query: Omit<ArchiveQuery, 'limit'>,
  signal: AbortSignal | undefined,
): Promise<readonly EventRecord[]> {
  for (const limit of LIMITS) {
    try {
      return await archive.search({ ...query, limit }, signal);
    } catch (error) {
      if (!isTooMuch(error) || limit === LIMITS.at(-1)) throw error;
    }
  }
  return [];
}

/** The event with this id, when it has one of the types and happened here. */
export async function findEvent(
  { archive }: Pick<Parts, 'archive'>,
  id: string,
  types: readonly EventType[],
  signal?: AbortSignal,
): Promise<EventRecord | undefined> {
  const [event] = await archive.search({ id, types, realm: 'gateway', limit: 1 }, signal);
  return event;
}
