import type { Config } from '#config/config.ts';
import type { Secret } from '#lib/secret.ts';
import type { Connector, Connectors } from './connector.ts';
import { openJumpServer } from './jumpserver/open.ts';

/** The configured connectors. Nothing is connected yet. Throws E_CONFIG. */
export async function openConnectors(
  config: Pick<Config, 'connectors'>,
  secrets: ReadonlyMap<string, Secret>,
): Promise<Connectors> {
  const opened = new Map<string, Connector>();
  for (const one of config.connectors) {
    const secret = secrets.get(one.name);
    if (secret === undefined) throw new Error(`the secret of the connector ${one.name} was not read`);
    opened.set(one.name, await openJumpServer(one, secret));
  }
  return opened;
}
