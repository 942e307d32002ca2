import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { PortcullisError } from '#contract/errors.ts';
import type { CliIo } from '../io.ts';

/** Lines of a file or of standard input (`-`), which end with LF, CR LF or NUL, as senders write them. */
export async function readLinesToExplain(
  file: string,
  io: Pick<CliIo, 'cwd' | 'readInput'>,
): Promise<readonly string[]> {
  const text = file === '-' ? await io.readInput() : readText(resolve(io.cwd, file));
  const lines = text.split(/\r?\n|\0/).filter((line) => line !== '');
  if (lines.length === 0) throw new PortcullisError('E_INPUT', 'There is no line to explain.');
  return lines;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new PortcullisError('E_INPUT', `${path} cannot be read.`, { cause: error });
  }
}
