import { labelOf, type JumpServerExport } from './gather.ts';
import type { Filter, FilterRule } from './schema.ts';
import { EVERYBODY, fromList, NOBODY, type Selection } from './selection.ts';
import { verdictOf, type Report, type Source } from './source.ts';

/** Numbers of version 2. Version 1 has 1 for allow, and asks higher priorities first: it is not taken. */
const ACTIONS: Readonly<Record<string, string>> = { 0: 'reject', 2: 'review', 9: 'accept' };

/** Command filters of version 2: rules of their own, for whoever is in any of the filter's lists. */
export function filterSources(found: JumpServerExport, report: Report): readonly Source[] {
  const byId = new Map(found.filterRules.flatMap((rule) => (rule.id === undefined ? [] : [[rule.id, rule]])));
  const used = new Set<FilterRule>();
  const sources = found.filters.flatMap((filter) => {
    const origin = labelOf('command filter', filter.name);
    const rules = new Set<FilterRule>(
      found.filterRules.filter((rule) => filter.id !== undefined && rule.filter?.id === filter.id),
    );
    for (const one of filter.rules) {
      const rule = byId.get(one.id ?? '') ?? ('content' in one ? one : undefined);
      if (rule === undefined) report.refuse(origin, `has the rule ${one.id ?? ''}, which was not given`);
      else rules.add(rule);
    }
    for (const rule of rules) used.add(rule);
    if (!filter.is_active) {
      report.warn(origin, 'is not active, and is left out');
      return [];
    }
    const parts = partsOf(filter, found);
    if (parts.length === 0) report.warn(origin, 'is for nobody, and is left out');
    return [...rules].flatMap((rule, index) => ruleSources(filter, rule, index + 1, parts, report));
  });
  for (const rule of found.filterRules)
    if (!used.has(rule))
      report.refuse(labelOf('command filter rule', rule.id), 'is in no filter that was given');
  return sources;
}

interface Part {
  readonly suffix: string;
  readonly who: Source['who'];
}

/** What is joined by "or" there is a rule each here, where everything must fit. */
function partsOf(filter: Filter, { names }: JumpServerExport): readonly Part[] {
  const anybody = { users: EVERYBODY, groups: NOBODY, assets: EVERYBODY, accounts: EVERYBODY };
  const people = {
    users: fromList(filter.users, 'users', names),
    groups: fromList(filter.user_groups, 'groups', names),
  };
  const assets: Selection =
    filter.nodes.length > 0
      ? { exact: false, why: 'assets are selected by nodes, which there are none of here' }
      : fromList(filter.assets, 'assets', names);
  const accounts = fromList(filter.system_users, 'accounts', names);
  const parts: Part[] = [
    { suffix: 'users', who: { ...anybody, ...people } },
    { suffix: 'assets', who: { ...anybody, assets } },
    { suffix: 'accounts', who: { ...anybody, accounts } },
  ];
  const isEmpty = (selection: Selection): boolean => selection.exact && selection.names.length === 0;
  return parts.filter(
    ({ who }) =>
      !(isEmpty(who.users) && isEmpty(who.groups)) && !isEmpty(who.assets) && !isEmpty(who.accounts),
  );
}

function ruleSources(
  filter: Filter,
  rule: FilterRule,
  number: number,
  parts: readonly Part[],
  report: Report,
): readonly Source[] {
  const origin = `${labelOf('command filter', filter.name)}, rule ${number}`;
  if (!rule.is_active) {
    report.warn(origin, 'is not active, and is left out');
    return [];
  }
  const action = ACTIONS[String(rule.action)];
  const outcome = action === undefined ? undefined : verdictOf(action, rule.reviewers.length > 0);
  if (outcome === undefined) {
    report.refuse(origin, `has the action ${JSON.stringify(rule.action)}, which version 2 does not have`);
    return [];
  }
  const { priority, type, content, ignore_case } = rule;
  return parts.map(({ suffix, who }) => ({
    ...outcome,
    origin: parts.length > 1 ? `${origin}, by ${suffix}` : origin,
    nameParts: [filter.name, String(number), ...(parts.length > 1 ? [suffix] : [])],
    priority,
    who,
    group: { name: filter.name, type, content, ignore_case },
  }));
}
