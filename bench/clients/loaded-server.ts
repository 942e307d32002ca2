/**
 * A server with something to do: `portcullis serve` with a thread beside it that publishes events, as intake would.
 * Called with how many a second, then the command that would have started the server.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { loadConfig } from '#config/load-config.ts';
import { loadSecrets } from '#config/secrets.ts';
import { createLogger } from '#lib/log.ts';
import { packageVersion } from '#main/package-version.ts';
import { serve } from '#main/serve/serve.ts';

const perSecond = Number(process.argv[2]);
const configFile = process.argv[process.argv.indexOf('--config') + 1];
const { config } = loadConfig({ file: configFile });
const logger = createLogger(config.logLevel);
const server = await serve({ config, secrets: loadSecrets(config), version: packageVersion(), logger });
const port = server.newStoragePort();
const publisher = new Worker(new URL('publisher.ts', import.meta.url), {
  workerData: { port, perSecond },
  transferList: [port],
});
const stopping = once(process, 'SIGTERM');
process.stdout.write(`${JSON.stringify({ ready: true, ssh: server.ssh, http: server.http })}\n`);
await stopping;
await publisher.terminate();
await server[Symbol.asyncDispose]();
process.exit(0);
