import { processIo } from '#cli/process-io.ts';
import { runCli } from '#cli/run-cli.ts';
import { packageVersion } from './package-version.ts';

process.exitCode = await runCli(process.argv.slice(2), processIo(), {
  version: packageVersion(),
  // Loaded when asked for: the server is most of the program, and other commands should start at once.
  serve: async (request, write) => (await import('./serve-command.ts')).runServe(request, write),
});
