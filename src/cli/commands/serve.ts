import { type Command, defineCommand } from '../command.ts';

export interface ServeRequest {
  readonly config: string | undefined;
  readonly data: string | undefined;
  /** One JSON line when ready instead of text for people. */
  readonly json: boolean;
}

/** Starts the server and resolves with the exit code when it has ended. */
export type Serve = (request: ServeRequest, write: (text: string) => void) => Promise<number>;

export function serveCommand(serve: Serve): Command {
  return defineCommand({
    name: 'serve',
    summary: 'Run the server until it is stopped by SIGTERM or Ctrl-C.',
    offline: true,
    run: ({ where, output, io }) =>
      serve({ config: where.config, data: where.data, json: output.json }, (text) => io.out(text)),
  });
}
