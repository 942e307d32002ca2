import type { Environment } from '#config/environment.ts';

/** Everything a command may touch of the process it runs in. */
export interface CliIo {
  out(text: string): void;
  err(text: string): void;
  /** Bytes as they are, waiting while the receiver is slow. */
  outBytes(chunk: Uint8Array): Promise<void>;
  /** Standard input to its end. */
  readInput(): Promise<string>;
  /** Asks on the terminal without echo; without a terminal, reads one line of standard input. */
  readSecret(question: string): Promise<string>;
  /** Aborts at Ctrl-C, from the first call on. */
  interrupted(): AbortSignal;
  readonly env: Environment;
  readonly cwd: string;
  readonly isTerminal: boolean;
  readonly columns: number;
}
