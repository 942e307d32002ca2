import { CommanderError } from 'commander';
import { ERROR_CATALOGUE, PortcullisError } from '#contract/errors.ts';
import { buildProgram, type Invocation } from './build-program.ts';
import type { Command } from './command.ts';
import { COMMANDS } from './commands/commands.ts';
import { serveCommand, type Serve } from './commands/serve.ts';
import { moveLeadingOptions } from './input/leading-options.ts';
import type { CliIo } from './io.ts';
import { reportError } from './output/error-report.ts';
import { Output } from './output/output.ts';
import { findServer, type ServerOptions } from './server/address.ts';
import { ApiClient } from './server/api-client.ts';
import { openTransport } from './server/transport.ts';

export interface CliOptions {
  readonly version: string;
  /** What `portcullis serve` does: only the composition root can start a server. */
  readonly serve: Serve;
}

/** Runs one command line, without the name of the program. Resolves with the exit code; never throws. */
export async function runCli(argv: readonly string[], io: CliIo, options: CliOptions): Promise<number> {
  let exitCode = 0;
  let output = new Output(io, argv.includes('--json'));
  let verbose = false;
  const commands = [...COMMANDS, serveCommand(options.serve)];
  const program = buildProgram(
    commands,
    {
      version: options.version,
      out: (text) => io.out(text),
      err: (text) => io.err(text),
      columns: io.columns,
    },
    async (invocation) => {
      ({ verbose } = invocation);
      output = new Output(io, invocation.json);
      exitCode = (await runCommand(invocation, io, output)) ?? 0;
    },
  );
  try {
    await program.parseAsync([...moveLeadingOptions(argv)], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return reportUsage(error, output);
    return reportError(error, output, verbose);
  }
}

function runCommand(invocation: Invocation, io: CliIo, output: Output): Promise<number | void> {
  const { command, args, options, where } = invocation;
  return command.run({
    args: args as Parameters<Command['run']>[0]['args'],
    options: options as Parameters<Command['run']>[0]['options'],
    where,
    io,
    output,
    api: clientFor(command, where, io),
  });
}

/** Where the server is gets looked up at the first call, so that `--help` and slips need no server. */
function clientFor(command: Command, where: ServerOptions, io: CliIo): ApiClient {
  let transport: ReturnType<typeof openTransport> | undefined;
  return new ApiClient((request) => {
    if (!command.connects) throw new Error(`${command.path.join(' ')} is declared to need no server`);
    transport ??= openTransport(findServer(where, io));
    return transport(request);
  });
}

function reportUsage(error: CommanderError, output: Output): number {
  if (error.exitCode === 0) return 0;
  // Commander has printed the help already when a subcommand is missing.
  if (error.code === 'commander.help') return ERROR_CATALOGUE.E_USAGE.exitCode;
  const message = error.message.replace(/^error: /, '');
  return reportError(new PortcullisError('E_USAGE', `${message}. Run it with --help.`), output, false);
}
