import { printable } from '#lib/printable.ts';
import type { CutSession } from '../actions/action-states.ts';
import type { ForeignSession } from '../connectors/connector.ts';

const LONGEST = 200;

/** What a session there was; what ran in it is known to that bastion alone. */
export function describeForeign(session: ForeignSession): CutSession {
  const shown = (text: string | null): string | null => (text === null ? null : printable(text, LONGEST));
  return {
    id: session.id,
    asset: shown(session.asset),
    account: shown(session.account),
    address: printable(session.address, LONGEST),
    // Which programs ran in it the bastion does not tell.
    channels: session.protocol === '' ? [] : [`${printable(session.protocol, LONGEST)} session`],
  };
}
