import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { processEnvironment } from '#config/environment.ts';
import type { CliIo } from './io.ts';

const MAX_INPUT_BYTES = 16 * 1024 * 1024;

/** The process as commands see it. A reader that has gone away (`| head`) ends output quietly. */
export function processIo(): CliIo {
  const { stdout, stderr, stdin } = process;
  for (const stream of [stdout, stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  let interrupt: AbortController | undefined;
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    async outBytes(chunk) {
      if (!stdout.write(chunk) && !stdout.destroyed) await once(stdout, 'drain');
    },
    async readInput() {
      const chunks: Buffer[] = [];
      let bytes = 0;
      for await (const chunk of stdin as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > MAX_INPUT_BYTES) throw new Error('standard input is larger than 16 MiB');
        chunks.push(chunk);
      }
      return Buffer.concat(chunks).toString('utf8');
    },
    readSecret: (question) => (stdin.isTTY ? askHidden(question) : readLine()),
    interrupted() {
      if (interrupt === undefined) {
        const controller = new AbortController();
        process.once('SIGINT', () => controller.abort());
        interrupt = controller;
      }
      return interrupt.signal;
    },
    env: processEnvironment(),
    cwd: process.cwd(),
    isTerminal: stdout.isTTY,
    columns: stdout.columns || 80,
  };
}

async function readLine(): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) return line;
  return '';
}

/** Reads a line in raw mode, so that the terminal does not show it. */
async function askHidden(question: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(question);
  stdin.setRawMode(true);
  stdin.resume();
  stdin.setEncoding('utf8');
  try {
    let typed = '';
    for await (const chunk of stdin as unknown as AsyncIterable<string>)
      for (const letter of chunk) {
        if (letter === '\r' || letter === '\n') return typed;
        if (letter === '\u0003' || letter === '\u0004') throw new Error('nothing was entered');
        if (letter === '\u007f' || letter === '\b') typed = Array.from(typed).slice(0, -1).join('');
        else typed += letter;
      }
    return typed;
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write('\n');
  }
}
