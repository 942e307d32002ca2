import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadConfig } from '#config/load-config.ts';
import { PortcullisError } from '#contract/errors.ts';
import { buildLogSourceTypes, type LogSourceTypes } from '#domain/normalise/log-source-types.ts';
import type { CliIo } from '../io.ts';
import type { ServerOptions } from '../server/address.ts';

const SHIPPED = join(import.meta.dirname, '..', '..', '..', 'content', 'log-sources');
const MAX_FILE_BYTES = 1024 * 1024;

export const TYPE_PATHS =
  'Files or folders with log source types; without any, the shipped and the configured ones.';

/** All types of the named places. Throws E_LOG_SOURCE_TYPE with every mistake in every file. */
export function loadLogSourceTypes(
  places: readonly string[],
  where: ServerOptions,
  io: CliIo,
): LogSourceTypes {
  const paths =
    places.length === 0 ? [SHIPPED, ...configured(where, io)] : places.map((one) => resolve(io.cwd, one));
  const files = paths.flatMap(typeFiles);
  if (files.length === 0)
    throw new PortcullisError('E_INPUT', `There are no log source types in ${paths.join(', ')}.`);
  return buildLogSourceTypes(files.map((path) => ({ path, text: readFileSync(path, 'utf8') })));
}

function configured(where: ServerOptions, io: CliIo): readonly string[] {
  const options = { file: where.config, dataDir: where.data, env: io.env, cwd: io.cwd };
  return loadConfig(options).config.intake.types;
}

function typeFiles(path: string): readonly string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new PortcullisError('E_INPUT', `There is no file or folder ${path}.`);
  if (found.isDirectory())
    return readdirSync(path)
      .filter((name) => /\.ya?ml$/.test(name))
      .sort()
      .flatMap((name) => typeFiles(join(path, name)));
  if (found.size > MAX_FILE_BYTES)
    throw new PortcullisError('E_INPUT', `${path} is larger than ${MAX_FILE_BYTES} bytes.`);
  return [path];
}
