import { PortcullisError } from '#contract/errors.ts';
import type { ForeignRecovery } from '#contract/resources/foreign-recovery.ts';
import { ConnectorError } from '../connectors/connector-error.ts';
import type { Connector } from '../connectors/connector.ts';
import type { LockService } from '../locks/lock-service.ts';

const ALL_MS = 60_000;

/**
 * The way back at a foreign bastion. While the account is still disabled, password, web sessions and second
 * factor end, and the bastion mails its own link; only then the lock ends, and with it the episode. Throws
 * E_NOT_FOUND, E_CONFLICT, E_UNSUPPORTED before anything was changed, E_UNAVAILABLE when the bastion fails midway:
 * started again it goes through the same steps.
 */
export async function recoverForeignUser(
  connector: Connector,
  username: string,
  by: string,
  locks: Pick<LockService, 'inForce' | 'end'>,
): Promise<ForeignRecovery> {
  const signal = AbortSignal.timeout(ALL_MS);
  try {
    const user = await connector.findUser(username, signal);
    if (user === null)
      throw new PortcullisError('E_NOT_FOUND', `There is no user ${username} at ${connector.name}.`);
    const target = `${connector.name}:${user.username}`;
    const held = (await locks.inForce()).filter(
      (lock) => lock.targetKind === 'foreign-user' && lock.target === target,
    );
    if (held.length === 0)
      throw new PortcullisError(
        'E_CONFLICT',
        `${target} is not contained, so there is nothing to recover from.`,
      );
    if (user.source !== 'local')
      throw new PortcullisError(
        'E_UNSUPPORTED',
        `The password of ${target} lives in ${user.source}, which is out of reach. Have it changed there; then end the lock with \`portcullis lock remove ${held[0]?.id ?? ''}\`.`,
      );
    if (user.email === null)
      throw new PortcullisError(
        'E_NO_ADDRESS',
        `${target} has no mail address there, so no link can reach them.`,
      );
    const steps: string[] = [];
    const web = await connector.endWebSessions(user, signal);
    steps.push(web === null ? 'web sessions cannot be ended in that version' : `${web} web sessions ended`);
    await connector.resetMfa(user, signal);
    steps.push('second factor reset');
    await connector.unblock(user, signal);
    steps.push('counters of failed logins cleared');
    await connector.resetPassword(user, signal);
    steps.push(`old password ended, link mailed to ${user.email}`);
    for (const { id } of held) await locks.end(id, { by, reason: 'the person recovered' });
    steps.push('lock ended');
    return { connector: connector.name, username: user.username, steps, locks: held.map(({ id }) => id) };
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    throw new PortcullisError(
      'E_UNAVAILABLE',
      `${connector.name} did not carry it out: ${error.message}. The account stays disabled; try again.`,
      { cause: error },
    );
  }
}
