import { PortcullisError } from '#contract/errors.ts';
import type { ConnectorReport, ConnectorView } from '#contract/resources/connector.ts';
import type { ForeignRecovery } from '#contract/resources/foreign-recovery.ts';
import { nameKey } from '#contract/names.ts';
import type { Connector, Connectors } from '../connectors/connector.ts';
import type { LockService } from '../locks/lock-service.ts';
import { recoverForeignUser } from './foreign-recovery.ts';

const CHECK_MS = 20_000;

/** What people ask of connectors. */
export class ConnectorService {
  readonly #connectors: Connectors;
  readonly #locks: Pick<LockService, 'inForce' | 'end'>;

  constructor(connectors: Connectors, locks: Pick<LockService, 'inForce' | 'end'>) {
    this.#connectors = connectors;
    this.#locks = locks;
  }

  list(): readonly ConnectorView[] {
    return [...this.#connectors.values()].map(({ name, kind, url }) => ({ name, kind, url }));
  }

  /** Changes nothing. Throws E_NOT_FOUND. */
  async test(name: string): Promise<ConnectorReport> {
    return this.#find(name).check(AbortSignal.timeout(CHECK_MS));
  }

  /** Throws as `recoverForeignUser` does. */
  async recover(name: string, username: string, by: string): Promise<ForeignRecovery> {
    return recoverForeignUser(this.#find(name), username, by, this.#locks);
  }

  #find(name: string): Connector {
    for (const connector of this.#connectors.values())
      if (nameKey(connector.name) === nameKey(name)) return connector;
    throw new PortcullisError(
      'E_NOT_FOUND',
      `There is no connector ${name}; see \`portcullis connector list\`.`,
    );
  }
}
