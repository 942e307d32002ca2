import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadConfig } from '#config/load-config.ts';
import { PortcullisError } from '#contract/errors.ts';
import { buildRuleSet, type RuleSet, type RuleSetOptions } from '#domain/detection/rule-set.ts';
import type { CliIo } from '../io.ts';
import type { ServerOptions } from '../server/address.ts';

const SHIPPED = join(import.meta.dirname, '..', '..', '..', 'content', 'rules');

export const RULE_PATHS = 'Rule files or folders; without any, the shipped and the configured ones.';

/**
 * All rules of the named places, compiled together: they may name each other. The shipped and configured ones
 * come with the modes and the time zone of the configuration, unless they are read to be tested.
 */
export function loadRules(
  places: readonly string[],
  where: ServerOptions,
  io: CliIo,
  purpose: 'use' | 'test' = 'use',
): RuleSet {
  if (places.length > 0)
    return build(
      places.map((one) => resolve(io.cwd, one)),
      {},
    );
  const options = { file: where.config, dataDir: where.data, env: io.env, cwd: io.cwd };
  const { rules, timeZone, modes } = loadConfig(options).config.detection;
  return build(
    [SHIPPED, ...rules],
    purpose === 'test' ? {} : { timeZone, modes: new Map(Object.entries(modes)) },
  );
}

function build(places: readonly string[], options: RuleSetOptions): RuleSet {
  const files = places.flatMap(ruleFiles);
  if (files.length === 0)
    throw new PortcullisError('E_INPUT', `There are no rule files in ${places.join(', ')}.`);
  return buildRuleSet(
    files.map((path) => ({ path, text: readFileSync(path, 'utf8') })),
    options,
  );
}

function ruleFiles(path: string): readonly string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new PortcullisError('E_INPUT', `There is no file or folder ${path}.`);
  if (!found.isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(path, name));
}
