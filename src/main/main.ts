import { processIo } from '#cli/process-io.ts';
import { runCli } from '#cli/run-cli.ts';
import { packageVersion, runServe } from './serve-command.ts';

process.exitCode = await runCli(process.argv.slice(2), processIo(), {
  version: packageVersion(),
  serve: runServe,
});
