import { z } from 'zod';
import { CONFIG_KEYS, type ConfigKey } from '#config/config-keys.ts';
import { OTHER_VARIABLES } from '#config/environment.ts';
import { ConfigDocument } from '#contract/config.ts';
import { code, markdownPage, markdownTable } from './markdown.ts';

export function configPage(): string {
  const sections = Map.groupBy(CONFIG_KEYS, ({ path }) =>
    path.includes('.') ? (path.split('.')[0] ?? '') : '',
  );
  return markdownPage('Configuration', [
    'The server reads `portcullis.yaml` in the working directory, or the file named by `--config`. Every key is also a variable in the environment, which wins; lists are separated by commas there. Unknown keys and variables, wrong types and impossible values are errors: all are reported at once, with exit code 78. `portcullis config check` does the same without starting anything. Relative paths are relative to the file.',
    'Durations are a number with a unit (`500ms`, `30s`, `15m`, `24h`, `90d`), sizes too (`512MiB`, `2GiB`). For editors there is a [JSON schema](config.schema.json).',
    ...[...sections].flatMap(([name, keys]) => [`## ${name === '' ? 'General' : name}`, table(keys)]),
    '## Only in the environment',
    markdownTable(
      ['Variable', 'What it is'],
      Object.entries(OTHER_VARIABLES).map(([name, what]) => [code(name), what]),
    ),
  ]);
}

function table(keys: readonly ConfigKey[]): string {
  return markdownTable(
    ['Key', 'Variable', 'Default', 'What it is'],
    keys.map((key) => [
      code(key.path),
      code(key.variable),
      code(key.defaultText ?? ''),
      key.choices.length === 0
        ? key.description
        : `${key.description} One of ${key.choices.map(code).join(', ')}.`,
    ]),
  );
}

export function configSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(ConfigDocument, { io: 'input' }), null, 2)}\n`;
}
