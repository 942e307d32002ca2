import { decide } from '#domain/access/decide.ts';
import type { KnownUser } from '#state/user-reader.ts';
import type { Services } from '../services.ts';

/** Whether somebody who is known may use API and pages from this address now: login rules and locks. */
export async function decideUse(
  { policy }: Pick<Services, 'policy'>,
  { username, groups, kind }: KnownUser,
  address: string,
): Promise<ReturnType<typeof decide>> {
  return decide(
    {
      kind: 'api',
      subject: { username, groups, kind, address, keyFingerprint: null, secondFactor: 'none' },
      asset: null,
      account: null,
      session: null,
      name: null,
    },
    (await policy.current()).facts,
  );
}
