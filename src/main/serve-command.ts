import type { ServeRequest } from '#cli/commands/serve.ts';
import { loadConfig } from '#config/load-config.ts';
import { loadSecrets } from '#config/secrets.ts';
import { createLogger } from '#lib/log.ts';
import { packageVersion } from './package-version.ts';
import { serve, type RunningServer } from './serve/serve.ts';

/** After the second signal, or when stopping takes longer than this, the process ends at once. */
const STOP_GUARD_MS = 20_000;
const EX_SOFTWARE = 70;

/** `portcullis serve`: runs until SIGTERM or SIGINT, then drains. Resolves with the exit code. */
export async function runServe(args: ServeRequest, write: (text: string) => void): Promise<number> {
  const { config, warnings } = loadConfig({ file: args.config, dataDir: args.data });
  const secrets = loadSecrets(config);
  const logger = createLogger(config.logLevel);
  for (const { path, message } of [...warnings, ...secrets.warnings]) logger.warn({ path }, message);

  const stopping = Promise.withResolvers<'signal'>();
  let signals = 0;
  const onSignal = (): void => {
    signals += 1;
    if (signals > 1) process.exit(1);
    stopping.resolve('signal');
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);

  // A defect in one connection must not end the others: what opens access or is shown fails closed by itself.
  process.on('unhandledRejection', (error) =>
    logger.error({ err: error }, 'a defect: a failure nobody handled'),
  );

  const server = await serve({ config, secrets, version: packageVersion(), logger });
  write(args.json ? readyLine(server) : readyText(server));
  const ended = await Promise.race([stopping.promise, server.failed]);
  if (ended !== 'signal') logger.fatal({ err: ended }, 'the server cannot go on');
  else logger.info('stopping');

  // Whatever hangs then would hang for ever.
  setTimeout(() => process.exit(EX_SOFTWARE), STOP_GUARD_MS).unref();
  await server[Symbol.asyncDispose]();
  return ended === 'signal' ? 0 : EX_SOFTWARE;
}

function readyLine(server: RunningServer): string {
  const { ssh, http, hostKeys, setupUrl } = server;
  return `${JSON.stringify({ ready: true, ssh, http, hostKeys, ...(setupUrl === null ? {} : { setupUrl }) })}\n`;
}

function readyText(server: RunningServer): string {
  const lines = [`Portcullis is ready. SSH: ${server.ssh.join(', ')}  HTTP: ${server.http.join(', ')}`];
  if (server.setupUrl !== null) {
    lines.push(
      'There is no administrator yet. Create one with this link, which works once, within 24 hours:',
      `  ${server.setupUrl}`,
    );
  }
  return `${lines.join('\n')}\n`;
}
