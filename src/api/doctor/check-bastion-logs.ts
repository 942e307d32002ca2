import type { EventType } from '#contract/event-catalogue.ts';
import type { EventRecord } from '#contract/event.ts';
import type { DoctorCheck } from '#contract/resources/doctor-report.ts';
import type { Services } from '../services.ts';
import { judgeBastionLogs } from './judge-bastion-logs.ts';

const DAY_MS = 86_400_000;
const LOOKED_AT = 500;
const LOGINS: readonly EventType[] = ['login.succeeded', 'login.failed'];
const SESSIONS: readonly EventType[] = ['session.started', 'session.ended'];
const COMMANDS: readonly EventType[] = ['command.allowed', 'command.warned', 'command.denied'];

/** What the logs of each foreign bastion lacked during the last day. */
export async function checkBastionLogs(
  realms: readonly string[],
  archive: Pick<Services['archive'], 'search'>,
  nowMs: number,
): Promise<readonly DoctorCheck[]> {
  return Promise.all(
    realms.map(async (realm) => {
      const newest = (types: readonly EventType[]): Promise<readonly EventRecord[]> =>
        archive.search({ realm, types, sinceMs: nowMs - DAY_MS, limit: LOOKED_AT });
      const [logins, sessions, commands] = await Promise.all([
        newest(LOGINS),
        newest(SESSIONS),
        newest(COMMANDS),
      ]);
      return judgeBastionLogs(realm, { logins, sessions, commands });
    }),
  );
}
