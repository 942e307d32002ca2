import { readFile } from 'node:fs/promises';
import type { ConnectorConfig } from '#config/config.ts';
import { PortcullisError } from '#contract/errors.ts';
import type { Secret } from '#lib/secret.ts';
import { monotonicClock, systemClock } from '#lib/time.ts';
import type { Connector } from '../connector.ts';
import { JumpServerBastion } from './bastion.ts';
import { ApiClient } from './client.ts';
import { type ExchangeLimits, USUAL_LIMITS } from './exchange.ts';

/** The way to one JumpServer. Nothing is connected yet. Throws E_CONFIG. */
export async function openJumpServer(
  config: ConnectorConfig,
  secret: Secret,
  limits: ExchangeLimits = USUAL_LIMITS,
): Promise<Connector> {
  const { name, url, version, organisations, breakGlassUsers, credential } = config;
  const client = new ApiClient({
    url,
    ca: config.caFile === null ? null : await readCa(config.caFile),
    acceptsAnyCertificate: config.dangerouslyAcceptAnyCertificate,
    credential:
      credential.kind === 'token'
        ? { kind: 'token', token: secret }
        : { kind: 'access-key', id: credential.id, secret },
    limits,
    clock: systemClock,
    random: Math.random,
  });
  return new JumpServerBastion({
    name,
    url,
    version,
    organisations,
    breakGlassUsers,
    client,
    now: monotonicClock,
    clock: systemClock,
  });
}

async function readCa(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new PortcullisError('E_CONFIG', `connectors: ${file} cannot be read.`, { cause: error });
  }
}
