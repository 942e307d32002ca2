import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { PortcullisError, type Problem } from '#contract/errors.ts';
import type { CliIo } from '../io.ts';

const MAX_SECRET_FILE_BYTES = 65_536;

/** Which fields name files, and which field gets their content. */
const FILE_FIELDS: readonly (readonly [string, string])[] = [
  ['passwordFile', 'password'],
  ['privateKeyFile', 'privateKey'],
];

/**
 * Reads the YAML and puts the content of the files it names in the place of their names: the server never opens
 * a file because a document says so. Relative names are relative to the YAML file.
 */
export async function readApplyFile(file: string, io: Pick<CliIo, 'cwd' | 'readInput'>): Promise<unknown> {
  const { path, value } = await readYamlFile(file, io);
  const problems: Problem[] = [];
  const folder = file === '-' ? io.cwd : dirname(path);
  const filled = withFileContents(value, folder, problems);
  if (problems.length > 0)
    throw new PortcullisError('E_INPUT', `${path} names files that cannot be used.`, { problems });
  return filled;
}

/** What stands in a YAML file, or with `-` on standard input, and the name to call it by. */
export async function readYamlFile(
  file: string,
  io: Pick<CliIo, 'cwd' | 'readInput'>,
): Promise<{ readonly path: string; readonly value: unknown }> {
  const path = file === '-' ? 'standard input' : resolve(io.cwd, file);
  const text = file === '-' ? await io.readInput() : readText(path);
  const document = parseDocument(text);
  if (document.errors.length > 0)
    throw new PortcullisError('E_INPUT', `${path} is not valid YAML.`, {
      problems: document.errors.map((one) => ({
        path: `line ${one.linePos?.[0].line ?? '?'}`,
        message: one.message.split('\n')[0] ?? one.code,
      })),
    });
  return { path, value: (document.toJS({ maxAliasCount: 1000 }) as unknown) ?? {} };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new PortcullisError('E_INPUT', `${path} cannot be read: ${reason(cause)}`, { cause });
  }
}

function withFileContents(value: unknown, folder: string, problems: Problem[]): unknown {
  if (!isTree(value)) return value;
  const each = (
    list: unknown,
    path: string,
    fill: (one: Readonly<Record<string, unknown>>, path: string) => unknown,
  ): unknown =>
    Array.isArray(list)
      ? list.map((one: unknown, index) => (isTree(one) ? fill(one, `${path}[${index}]`) : one))
      : list;
  const fillFields = (one: Readonly<Record<string, unknown>>, path: string): Record<string, unknown> =>
    fillFiles(one, path, folder, problems);
  return {
    ...value,
    ...('users' in value ? { users: each(value['users'], 'users', fillFields) } : {}),
    ...('assets' in value
      ? {
          assets: each(value['assets'], 'assets', (asset, path) => ({
            ...asset,
            ...('accounts' in asset
              ? { accounts: each(asset['accounts'], `${path}.accounts`, fillFields) }
              : {}),
          })),
        }
      : {}),
  };
}

function fillFiles(
  fields: Readonly<Record<string, unknown>>,
  path: string,
  folder: string,
  problems: Problem[],
): Record<string, unknown> {
  const filled: Record<string, unknown> = { ...fields };
  for (const [from, to] of FILE_FIELDS) {
    const name = filled[from];
    if (typeof name !== 'string') continue;
    if (filled[to] !== undefined) {
      problems.push({ path: `${path}.${from}`, message: `give ${to} or ${from}, not both` });
      continue;
    }
    delete filled[from];
    try {
      filled[to] = readSecretFile(resolve(folder, name), to);
    } catch (cause) {
      problems.push({ path: `${path}.${from}`, message: `${resolve(folder, name)}: ${reason(cause)}` });
    }
  }
  return filled;
}

/** The line end belongs to the file, not to the password; a key needs its own. */
function readSecretFile(path: string, field: string): string {
  if (statSync(path).size > MAX_SECRET_FILE_BYTES) throw new Error('it is larger than 64 KiB');
  const text = readFileSync(path, 'utf8');
  const content = field === 'password' ? text.replace(/\r?\n$/, '') : text;
  if (content === '') throw new Error('it is empty');
  return content;
}

function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
