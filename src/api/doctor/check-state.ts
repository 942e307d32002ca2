import type { DoctorCheck } from '#contract/resources/doctor-report.ts';
import type { StateReader } from '#state/state.ts';
import { readActiveAdmins } from '#state/user-view-reader.ts';
import type { Services } from '../services.ts';
import { failure, good, warning } from './finding.ts';

/** More than this behind is not the pause between two batches. */
const ARCHIVE_LAG_EVENTS = 100_000;
/** More than this behind, and a response comes late enough to be noticed. */
const DETECTION_LAG_EVENTS = 10_000;
const CLOCK_SLACK_MS = 60_000;

export async function checkClock(db: StateReader, now: number): Promise<DoctorCheck> {
  const name = 'clock';
  const row = await db
    .selectFrom('consumers')
    .select((eb) => eb.fn.max('updatedAt').as('latest'))
    .executeTakeFirst();
  const latest = row?.latest ?? 0;
  return latest > now + CLOCK_SLACK_MS
    ? failure(
        name,
        `it says ${new Date(now).toISOString()}, and things have happened at ${new Date(latest).toISOString()}`,
        'Set the clock, and keep it with chrony or systemd-timesyncd.',
      )
    : good(name, new Date(now).toISOString());
}

export async function checkArchive(
  archive: Services['archive'],
  stream: Services['stream'],
): Promise<DoctorCheck> {
  const name = 'archive';
  const [status, head] = await Promise.all([archive.status(), stream.head()]);
  if (!status.ready)
    return failure(name, status.detail, 'Events are kept and will be searchable later; look into the log.');
  const behind = head - status.position;
  const detail = `${status.detail}; searchable up to position ${status.position} of ${head}`;
  return behind > ARCHIVE_LAG_EVENTS
    ? warning(
        name,
        detail,
        'It is catching up. If this lasts, the machine is too slow or archive.memory too small.',
      )
    : good(name, detail);
}

export async function checkDetection(
  detection: Services['detection'],
  stream: Pick<Services['stream'], 'head'>,
): Promise<DoctorCheck> {
  const name = 'detection';
  const [{ position, problem }, head] = await Promise.all([detection.status(), stream.head()]);
  const detail = `judged up to position ${position} of ${head}`;
  if (problem !== null)
    return failure(
      name,
      `${detail}; it stands still: ${problem}`,
      'Nothing is lost: it goes on by itself once the cause is gone. The log says more.',
    );
  return head - position > DETECTION_LAG_EVENTS
    ? warning(
        name,
        detail,
        'It is catching up, and responses are late. If this lasts, the machine is too slow for what it is sent.',
      )
    : good(name, detail);
}

export async function checkAdministrators(db: StateReader, now: number): Promise<DoctorCheck> {
  const name = 'administrators';
  const admins = await readActiveAdmins(db, now);
  if (admins.length === 0)
    return warning(name, 'there is no active one', 'Create one: portcullis user add NAME --role admin');
  return good(name, `${admins.length} active`);
}

export async function checkLocks(locks: Services['locks']): Promise<DoctorCheck> {
  const name = 'locks';
  const inForce = await locks.inForce();
  if (inForce.some((lock) => lock.targetKind === 'gateway'))
    return warning(name, 'the whole gateway is locked', 'portcullis lock list shows since when and why.');
  return good(name, inForce.length === 0 ? 'none in force' : `${inForce.length} in force`);
}
