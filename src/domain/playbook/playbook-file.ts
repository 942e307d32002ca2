import { LineCounter, parseDocument, type Document } from 'yaml';
import { PortcullisError } from '#contract/errors.ts';
import type { RuleSet } from '../detection/rule-set.ts';
import { actsOn, isActionName, noSuchAction, Playbook } from './playbook.ts';

export interface PlaybookFile {
  readonly path: string;
  readonly text: string;
}

export type Playbooks = ReadonlyMap<string, Playbook>;

/** Reads playbook files. Throws E_RULE or E_UNSUPPORTED with the file. */
export function buildPlaybooks(files: readonly PlaybookFile[]): Playbooks {
  const playbooks = new Map<string, Playbook>();
  for (const file of files) {
    const playbook = readPlaybook(file);
    if (playbooks.has(playbook.name))
      throw new PortcullisError('E_RULE', `${file.path}: there is already a playbook "${playbook.name}"`);
    playbooks.set(playbook.name, playbook);
  }
  return playbooks;
}

function readPlaybook(file: PlaybookFile): Playbook {
  const lines = new LineCounter();
  const document = parseDocument(file.text, { lineCounter: lines, uniqueKeys: true });
  const [problem] = document.errors;
  if (problem !== undefined)
    throw new PortcullisError(
      'E_RULE',
      `${file.path}:${lines.linePos(problem.pos[0]).line}: ${problem.message.split('\n')[0] ?? ''}`,
    );
  const value = toValue(document, file.path);
  refuseUnknownActions(value, file.path);
  const result = Playbook.safeParse(value);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new PortcullisError(
      'E_RULE',
      `${file.path}: ${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? 'does not fit the schema'}`,
    );
  }
  const ids = result.data.actions.map((action) => action.id);
  if (new Set(ids).size !== ids.length)
    throw new PortcullisError('E_RULE', `${file.path}: two actions have the same id`);
  return result.data;
}

function toValue(document: Document.Parsed, path: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    const why = error instanceof Error ? error.message : '';
    throw new PortcullisError('E_RULE', `${path}: YAML aliases are not accepted: ${why}`);
  }
}

function refuseUnknownActions(value: unknown, path: string): void {
  if (typeof value !== 'object' || value === null || !('actions' in value) || !Array.isArray(value.actions))
    return;
  for (const action of value.actions as readonly unknown[]) {
    const name =
      typeof action === 'object' && action !== null && 'action' in action ? action.action : undefined;
    if (typeof name === 'string' && !isActionName(name))
      throw new PortcullisError('E_UNSUPPORTED', `${path}: ${noSuchAction(name)}`);
  }
}

/** Every playbook that a rule names exists and fits what the rule's offenses are about. */
export function checkPlaybooks(rules: RuleSet, playbooks: Playbooks): void {
  for (const rule of rules.rules.values()) {
    if (rule.playbook === null) continue;
    const playbook = playbooks.get(rule.playbook);
    if (playbook === undefined)
      throw new PortcullisError('E_RULE', `${rule.place}: there is no playbook "${rule.playbook}"`);
    for (const step of playbook.actions) {
      const needed = actsOn(step);
      if (needed === null || needed === rule.entity) continue;
      throw new PortcullisError(
        'E_RULE',
        `${rule.place}: playbook "${playbook.name}" acts on ${needed === 'user' ? 'a user' : 'an address'} (${step.id}), but the rule's entity is ${rule.entity}`,
      );
    }
  }
}
