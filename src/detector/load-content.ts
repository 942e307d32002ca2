import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PortcullisError } from '#contract/errors.ts';
import { buildRuleSet, type RuleSet, type RuleSetOptions } from '#domain/detection/rule-set.ts';
import { buildPlaybooks, type Playbooks } from '#domain/playbook/playbook-file.ts';

const MAX_FILE_BYTES = 1024 * 1024;

/** Every `.yml` and `.yaml` file directly in the folders, as one rule set. Throws E_RULE or E_UNSUPPORTED. */
export async function loadRules(folders: readonly string[], options?: RuleSetOptions): Promise<RuleSet> {
  return buildRuleSet(await readAll(folders), options);
}

/** Every playbook in the folders, by name. */
export async function loadPlaybooks(folders: readonly string[]): Promise<Playbooks> {
  return buildPlaybooks(await readAll(folders));
}

async function readAll(folders: readonly string[]): Promise<readonly { path: string; text: string }[]> {
  const files: { path: string; text: string }[] = [];
  for (const folder of folders) {
    for (const name of (await listFolder(folder)).sort()) {
      if (!/\.ya?ml$/.test(name)) continue;
      const path = join(folder, name);
      const bytes = await readFile(path);
      if (bytes.length > MAX_FILE_BYTES)
        throw new PortcullisError('E_RULE', `${path}: the file is larger than ${MAX_FILE_BYTES} bytes`);
      files.push({ path, text: bytes.toString('utf8') });
    }
  }
  return files;
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    throw new PortcullisError(
      'E_RULE',
      `${folder}: the folder cannot be read. Correct detection.rules or detection.playbooks in the configuration.`,
      { cause: error },
    );
  }
}
