import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ConfigDocument } from '#contract/config.ts';
import { PortcullisError, type Problem } from '#contract/errors.ts';
import { problemsOf } from '#contract/problems.ts';
import { checkDocument, checkFiles, warningsAbout } from './check-config.ts';
import { knownNames } from './config-keys.ts';
import type { Config } from './config.ts';
import {
  type Environment,
  type EnvironmentValue,
  processEnvironment,
  readEnvironment,
} from './environment.ts';
import { isTree, readConfigFile } from './read-document.ts';
import { resolveConfig } from './resolve-config.ts';

export interface LoadConfigOptions {
  /** The file named on the command line. Without it `portcullis.yaml` in `cwd` is read when it exists. */
  readonly file?: string | undefined;
  /** Overrides `dataDir` from everywhere else. */
  readonly dataDir?: string | undefined;
  readonly env?: Environment;
  readonly cwd?: string;
}

export interface LoadedConfig {
  readonly config: Config;
  /** The file that was read, or null when there is none. */
  readonly file: string | null;
  readonly warnings: readonly Problem[];
}

/**
 * Reads file and environment (which wins), checks everything and freezes the result.
 *
 * @throws PortcullisError E_CONFIG with every problem that was found.
 */
export function loadConfig(options: LoadConfigOptions = {}): LoadedConfig {
  const env = options.env ?? processEnvironment();
  const cwd = options.cwd ?? process.cwd();
  const file = chooseFile(options.file ?? env['PORTCULLIS_CONFIG'], cwd);
  const fromFile = file === null ? { document: {}, problems: [] } : readConfigFile(file);
  const fromEnvironment = readEnvironment(env);
  const problems: Problem[] = [...fromFile.problems, ...fromEnvironment.problems];

  // A file that is not YAML would only give misleading follow-up problems.
  if (fromFile.problems.length > 0) throw configError(file, problems);
  let document: Readonly<Record<string, unknown>> = fromFile.document;
  for (const value of fromEnvironment.values)
    document = withValue(document, value.key.path.split('.'), value.value);
  const parsed = ConfigDocument.safeParse(document);
  if (parsed.success) problems.push(...checkDocument(parsed.data));
  else problems.push(...problemsOf(parsed.error, knownNames));
  if (!parsed.success || problems.length > 0)
    throw configError(file, blame(problems, fromEnvironment.values));

  const fromVariables = new Set(fromEnvironment.values.map(({ key }) => key.path));
  const config = resolveConfig(parsed.data, {
    folderOf: (path) => (file === null || fromVariables.has(path) ? cwd : dirname(file)),
    dataDir: options.dataDir === undefined ? undefined : resolve(cwd, options.dataDir),
  });
  const missing = checkFiles(config);
  if (missing.length > 0) throw configError(file, blame(missing, fromEnvironment.values));
  return { config, file, warnings: warningsAbout(config) };
}

function chooseFile(named: string | undefined, cwd: string): string | null {
  if (named !== undefined && named !== '') return resolve(cwd, named);
  const usual = join(cwd, 'portcullis.yaml');
  return existsSync(usual) ? usual : null;
}

function withValue(
  tree: Readonly<Record<string, unknown>>,
  path: readonly string[],
  value: unknown,
): Readonly<Record<string, unknown>> {
  const [name = '', ...rest] = path;
  if (rest.length === 0) return { ...tree, [name]: value };
  const child = tree[name];
  // A section that is not a section in the file is a problem of its own; do not hide it under the variable.
  if (child !== undefined && !isTree(child)) return tree;
  return { ...tree, [name]: withValue(child ?? {}, rest, value) };
}

/** Names the variable in problems that came from one, so that nobody searches the file for them. */
function blame(problems: readonly Problem[], values: readonly EnvironmentValue[]): readonly Problem[] {
  return problems.map((problem) => {
    const value = values.find(
      ({ key }) => problem.path === key.path || problem.path.startsWith(`${key.path}[`),
    );
    return value === undefined
      ? problem
      : { path: problem.path, message: `${problem.message} (from ${value.key.variable})` };
  });
}

function configError(file: string | null, problems: readonly Problem[]): PortcullisError {
  const where = file ?? 'the environment';
  const count = problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`;
  return new PortcullisError(
    'E_CONFIG',
    `The configuration in ${where} has ${count}. Correct it and start again.`,
    {
      problems,
    },
  );
}
