import type { Problem } from '#contract/errors.ts';
import type { CommandRuleInput } from '#contract/resources/command-rule.ts';
import { gatherExport, labelOf, type JumpServerExport } from './gather.ts';
import { convertGroup } from './patterns.ts';
import { mapPriorities } from './priorities.ts';
import { RuleNames } from './rule-names.ts';
import type { FilterAcl } from './schema.ts';
import { peopleOf, selectionOf, type Selected } from './selection.ts';
import { Report, verdictOf, type Source } from './source.ts';
import { filterSources } from './version-2.ts';

/** A rule with where it comes from and what is different from there. */
export interface ImportedRule {
  readonly rule: CommandRuleInput;
  readonly origin: string;
  readonly notes: readonly string[];
}

export interface JumpServerImport {
  /** In the order in which they are asked. */
  readonly rules: readonly ImportedRule[];
  /** What could not be kept, item by item; where in doubt, the rule is the stricter. */
  readonly warnings: readonly Problem[];
  /** What would widen access if it were left out or guessed. With one of these, the rules are not to be used. */
  readonly errors: readonly Problem[];
}

const MAX_PATTERNS = 500;
const MAX_RULES = 5_000;
const TIE_ORDER = ['deny', 'warn', 'allow'];

/** Makes command rules of what JumpServer's API answered about command filters. Pure. */
export function importJumpServerRules(documents: readonly unknown[]): JumpServerImport {
  const found = gatherExport(documents);
  const report = new Report();
  report.warnings.push(...found.warnings);
  report.errors.push(...found.errors);
  const sources = [...aclSources(found, report), ...filterSources(found, report)];
  const priorities = mapPriorities(sources.map(({ priority }) => priority));
  if (priorities === undefined)
    report.refuse(
      '',
      'there are more than 100 different priorities, some outside 1 to 100; renumber them first',
    );
  const names = new RuleNames();
  const rules = sources
    .flatMap((source) => rulesOf(source, priorities?.get(source.priority) ?? source.priority, names, report))
    .toSorted(
      ({ rule: left }, { rule: right }) =>
        left.priority - right.priority || TIE_ORDER.indexOf(left.verdict) - TIE_ORDER.indexOf(right.verdict),
    );
  if (rules.length > MAX_RULES)
    report.refuse('', `this makes ${rules.length} rules; ${MAX_RULES} are the most`);
  return { rules, warnings: report.warnings, errors: report.errors };
}

function aclSources(found: JumpServerExport, report: Report): readonly Source[] {
  const groups = new Map(
    found.groups.flatMap((group) => (group.id === undefined ? [] : [[group.id, group]])),
  );
  const used = new Set<string>();
  const organisations = new Set(found.acls.flatMap(({ org_id }) => org_id ?? []));
  const sources = found.acls.flatMap((acl): readonly Source[] => {
    const origin = labelOf('ACL', acl.name);
    for (const one of acl.command_groups) if (one.id !== undefined) used.add(one.id);
    if (!acl.is_active) {
      report.warn(origin, 'is not active, and is left out');
      return [];
    }
    const outcome = verdictOf(acl.action, acl.reviewers.length > 0);
    if (outcome === undefined) {
      report.refuse(origin, `has the action ${JSON.stringify(acl.action)}, which is not known`);
      return [];
    }
    if (acl.command_groups.length === 0) report.warn(origin, 'has no command groups, and is left out');
    const who = whoOf(acl, found, organisations.size > 1);
    return acl.command_groups.flatMap((one) => {
      const group = 'content' in one ? one : one.id === undefined ? undefined : groups.get(one.id);
      if (group === undefined) {
        report.refuse(
          origin,
          `has the command group ${JSON.stringify(one.name ?? one.id)}, which was not given; add /api/v1/acls/command-groups/`,
        );
        return [];
      }
      const nameParts = acl.command_groups.length > 1 ? [acl.name, group.name] : [acl.name];
      const { priority } = acl;
      return [
        {
          ...outcome,
          origin: `${origin}, group ${JSON.stringify(group.name)}`,
          nameParts,
          priority,
          who,
          group,
        },
      ];
    });
  });
  for (const { id, name } of found.groups)
    if (id === undefined || !used.has(id))
      report.warn(labelOf('command group', name), 'is in no ACL, and is left out');
  return sources;
}

function whoOf(acl: FilterAcl, { names }: JumpServerExport, hasSeveral: boolean): Source['who'] {
  const assets = selectionOf(acl.assets, 'assets', names);
  const isForAll = assets.exact && assets.names.includes('*');
  return {
    ...peopleOf(acl.users, names),
    assets:
      isForAll && hasSeveral
        ? { exact: false, why: 'it is for the assets of one of several organisations' }
        : assets,
    accounts: selectionOf(acl.accounts, 'accounts', names),
  };
}

function rulesOf(
  source: Source,
  priority: number,
  names: RuleNames,
  report: Report,
): readonly ImportedRule[] {
  const { origin, verdict } = source;
  const converted = convertGroup(source.group, verdict);
  for (const problem of converted.problems) report.refuse(origin, problem);
  const notes = [...source.notes, ...converted.notes];
  if (priority !== source.priority) notes.push(`priority ${source.priority} becomes ${priority}`);
  // A wider deny is only stricter. A wider warning or permission could stand before a later deny.
  const mayWiden = verdict === 'deny';
  const does = verdict === 'allow' ? 'accepts' : 'warns';
  if (!converted.exact && !mayWiden)
    report.refuse(
      origin,
      `${does}, and its patterns cannot be kept exactly: ${converted.notes.at(-1) ?? ''}`,
    );

  const who: Record<Selected, readonly string[]> = { users: [], groups: [], assets: [], accounts: [] };
  for (const what of ['users', 'groups', 'assets', 'accounts'] as const) {
    const selection = source.who[what];
    who[what] = selection.exact ? selection.names : ['*'];
    if (selection.exact) continue;
    if (mayWiden) notes.push(`it is for all ${what} here: ${selection.why}`);
    else report.refuse(origin, `${does}, and for whom cannot be kept: ${selection.why}`);
  }
  if (converted.patterns.length === 0) {
    report.warn(origin, 'matches nothing, and is left out');
    return [];
  }
  if (who.users.length + who.groups.length === 0 || who.assets.length === 0 || who.accounts.length === 0) {
    report.warn(origin, 'is for nobody, and is left out');
    return [];
  }
  for (const note of notes) report.warn(origin, note);
  return chunks(converted.patterns, MAX_PATTERNS).map((patterns) => ({
    rule: {
      name: names.next(source.nameParts),
      priority,
      users: [...who.users],
      groups: [...who.groups],
      roles: [],
      assets: [...who.assets],
      accounts: [...who.accounts],
      kind: converted.kind,
      patterns: [...patterns],
      verdict,
      ...(source.message === undefined ? {} : { message: source.message }),
    },
    origin,
    notes,
  }));
}

function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
