import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { PortcullisError } from '#contract/errors.ts';
import type { CliIo } from '../io.ts';

/** What stands in a JSON file, or with `-` on standard input. */
export async function readJsonFile(
  file: string,
  limitBytes: number,
  io: Pick<CliIo, 'cwd' | 'readInput'>,
): Promise<unknown> {
  const path = file === '-' ? 'standard input' : resolve(io.cwd, file);
  const text = file === '-' ? await io.readInput() : readText(path, limitBytes);
  if (Buffer.byteLength(text) > limitBytes) throw tooLarge(path, limitBytes);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PortcullisError('E_INPUT', `${path} is not valid JSON: ${reason(cause)}`, { cause });
  }
}

function readText(path: string, limitBytes: number): string {
  try {
    if (statSync(path).size > limitBytes) throw tooLarge(path, limitBytes);
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof PortcullisError) throw cause;
    throw new PortcullisError('E_INPUT', `${path} cannot be read: ${reason(cause)}`, { cause });
  }
}

function tooLarge(path: string, limitBytes: number): PortcullisError {
  return new PortcullisError('E_INPUT', `${path} is larger than ${limitBytes / 1024 / 1024} MiB.`);
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
