import { z } from 'zod';
import { ConfigDocument } from '#contract/config.ts';

export type ConfigKeyKind = 'text' | 'number' | 'boolean' | 'list';

/** One leaf of the configuration, for the environment and for the reference page. */
export interface ConfigKey {
  /** Dotted path, e.g. `ssh.listen`. */
  readonly path: string;
  /** Its name in the environment, e.g. `PORTCULLIS_SSH_LISTEN`. */
  readonly variable: string;
  readonly kind: ConfigKeyKind;
  readonly choices: readonly string[];
  readonly defaultText: string | null;
  readonly description: string;
}

interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
}

const ROOT = z.toJSONSchema(ConfigDocument, { io: 'input' }) as JsonSchema;

/** `limits.lockoutsPer10Minutes` → `PORTCULLIS_LIMITS_LOCKOUTS_PER_10_MINUTES`. */
export function variableName(path: string): string {
  const words = path.replaceAll('.', '_').replaceAll(/([a-z])([A-Z0-9])/g, '$1_$2');
  return `PORTCULLIS_${words.replaceAll(/([0-9])([A-Z])/g, '$1_$2').toUpperCase()}`;
}

function collect(schema: JsonSchema, path: string): readonly ConfigKey[] {
  if (schema.properties !== undefined)
    return Object.entries(schema.properties).flatMap(([name, child]) =>
      collect(child, path === '' ? name : `${path}.${name}`),
    );
  return [
    {
      path,
      variable: variableName(path),
      kind: kindOf(schema),
      choices: schema.enum ?? [],
      defaultText: schema.default === undefined ? null : JSON.stringify(schema.default),
      description: schema.description ?? '',
    },
  ];
}

function kindOf(schema: JsonSchema): ConfigKeyKind {
  if (schema.type === 'array') return 'list';
  if (schema.type === 'integer' || schema.type === 'number') return 'number';
  return schema.type === 'boolean' ? 'boolean' : 'text';
}

/** Every key there is, in the order of the schema. */
export const CONFIG_KEYS: readonly ConfigKey[] = collect(ROOT, '');

/** The names that are known in the section at the path; empty when there is no such section. */
export function knownNames(path: readonly PropertyKey[]): readonly string[] {
  let schema: JsonSchema | undefined = ROOT;
  for (const part of path)
    schema = typeof part === 'number' ? schema?.items : schema?.properties?.[String(part)];
  return Object.keys(schema?.properties ?? {});
}

export function isSection(path: string): boolean {
  return CONFIG_KEYS.some((key) => key.path.startsWith(`${path}.`));
}
