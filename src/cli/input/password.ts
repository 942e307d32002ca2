import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { PortcullisError } from '#contract/errors.ts';
import { Secret } from '#lib/secret.ts';
import type { CliIo } from '../io.ts';

/** From a file when one is named, else asked for: a password on the command line would be seen by others. */
export async function readPassword(file: string | undefined, io: CliIo, question: string): Promise<Secret> {
  const text =
    file === undefined
      ? await io.readSecret(`${question}: `)
      : readFileSync(resolve(io.cwd, file), 'utf8').replace(/\r?\n$/, '');
  if (text === '') throw new PortcullisError('E_USAGE', 'The password is empty.');
  return new Secret(text);
}
