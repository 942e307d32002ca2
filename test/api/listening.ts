import { type Api, startApi } from '#api/start-api.ts';
import type { Config } from '#config/config.ts';
import { type ApiBed, quietLogger } from './api-bed.ts';

/** The doors of the API open on a free port of loopback, and on the socket in the bed's folder. */
export function startListening(
  bed: ApiBed,
  http: Partial<Config['http']> = {},
  dataDir = bed.folder,
): Promise<Api> {
  return startApi({
    services: bed.services,
    config: {
      dataDir,
      http: {
        listen: [{ host: '127.0.0.1', port: 0 }],
        tls: null,
        trustedProxies: [],
        publicUrl: null,
        jumpserverVersion: 4,
        ...http,
      },
    },
    logger: quietLogger,
    metrics: bed.metrics,
    version: '0.0.0-test',
  });
}
