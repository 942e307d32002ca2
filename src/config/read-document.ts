import { existsSync, readFileSync, statSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { PortcullisError, type Problem } from '#contract/errors.ts';
import { isSection } from './config-keys.ts';

/** A configuration is a page or two. Anything larger is the wrong file. */
const MAX_CONFIG_BYTES = 1_048_576;

export interface ConfigFile {
  readonly document: Readonly<Record<string, unknown>>;
  readonly problems: readonly Problem[];
}

/** Reads the file as a tree of plain values. Sections left empty count as not mentioned. */
export function readConfigFile(file: string): ConfigFile {
  if (!existsSync(file))
    throw new PortcullisError(
      'E_CONFIG',
      `There is no configuration file ${file}. Create it, or leave --config out.`,
    );
  if (statSync(file).size > MAX_CONFIG_BYTES)
    throw new PortcullisError('E_CONFIG', `${file} is larger than 1 MiB; that is not a configuration file.`);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new PortcullisError('E_CONFIG', `${file} cannot be read: ${reason(cause)}`, { cause });
  }
  const parsed = parseDocument(text);
  const problems = [...parsed.errors, ...parsed.warnings].map((one) => ({
    path: `line ${one.linePos?.[0].line ?? '?'}`,
    message: one.message.split('\n')[0] ?? one.code,
  }));
  if (problems.length > 0) return { document: {}, problems };
  const value: unknown = plainValue(parsed);
  if (!isTree(value))
    return { document: {}, problems: [{ path: '', message: 'must be a section with keys' }] };
  return { document: withoutEmptySections(value, ''), problems: [] };
}

/** Aliases are bounded: a page of YAML must not grow to gigabytes. */
function plainValue(parsed: ReturnType<typeof parseDocument>): unknown {
  try {
    return parsed.toJS({ maxAliasCount: 20 }) ?? {};
  } catch (cause) {
    throw new PortcullisError('E_CONFIG', `The configuration cannot be read: ${reason(cause)}`, { cause });
  }
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

export function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withoutEmptySections(
  tree: Readonly<Record<string, unknown>>,
  prefix: string,
): Readonly<Record<string, unknown>> {
  const kept: [string, unknown][] = [];
  for (const [name, value] of Object.entries(tree)) {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    if (value === null && isSection(path)) continue;
    kept.push([name, isTree(value) ? withoutEmptySections(value, path) : value]);
  }
  return Object.fromEntries(kept);
}
