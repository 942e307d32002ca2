import { EVENT_PROPERTIES, type EventMapping, type LogSourceType } from '#contract/log-source-type.ts';
import type { JsonObject } from '#lib/json.ts';
import { isUnauthenticated } from '../detection/field-names.ts';
import { compileExpression, type CompiledExpression } from './expression.ts';
import { parsePointer, readPointer } from './json-object.ts';
import type { LineView } from './line-view.ts';
import { compilePattern, type Pattern } from './pattern.ts';

export interface CompiledProperty {
  readonly name: string;
  /** The name under `data`, when it goes there. */
  readonly dataKey: string | undefined;
  readonly expressions: readonly CompiledExpression[];
  /** Where a view keeps the value, when every event of the type reads the same; undefined when it is read anew. */
  readonly slot: number | undefined;
}

/** Of `when`. */
export interface CompiledCondition {
  readonly property: CompiledProperty;
  /** Texts of which it must be one; undefined for anything that is there. */
  readonly values: ReadonlySet<string> | undefined;
}

export interface CompiledEvent {
  readonly mapping: EventMapping;
  readonly pattern: Pattern | undefined;
  readonly when: readonly CompiledCondition[];
  /** Everything that goes into the event. */
  readonly properties: readonly CompiledProperty[];
  /** What makes the record id; empty when lines have none. */
  readonly key: readonly CompiledProperty[];
  /** A moment that belongs to the record as its id does. */
  readonly keyTime: CompiledProperty | undefined;
  /** Nobody was authenticated in such an event. */
  readonly isAnonymous: boolean;
  /** Kept with every event: what it was taken for. */
  readonly log: JsonObject;
}

/** A condition of `match`, by itself. */
export interface MatchTest {
  readonly label: string;
  readonly holds: (view: LineView) => boolean;
}

export interface CompiledType {
  readonly path: string;
  readonly definition: LogSourceType;
  /** In lower case; undefined when the type takes lines of any app. */
  readonly apps: ReadonlySet<string> | undefined;
  readonly match: readonly MatchTest[];
  readonly unwrap: Pattern | undefined;
  readonly events: readonly CompiledEvent[];
}

/** Called with the path in the file and what is wrong there. */
export type Report = (path: readonly PropertyKey[], message: string) => void;

/** Turns a type into closures. Everything wrong is reported; then what comes back must not be used. */
export function compileType(path: string, definition: LogSourceType, report: Report): CompiledType {
  const { match, unwrap } = definition;
  if (Object.keys(match).length === 0)
    report(['match'], 'must say what the type takes, at least one condition');
  const wrapper = unwrap === undefined ? undefined : patternAt(unwrap, ['unwrap'], report);
  if (wrapper !== undefined && !wrapper.groupNames.includes('text'))
    report(['unwrap'], 'must have a group called text, as in (?<text>.*)');
  const own = sharedProperties(compileProperties(definition.properties, ['properties'], report), definition);
  if (
    definition.keyTime !== undefined &&
    definition.key === undefined &&
    !definition.events.some(({ key }) => key)
  )
    report(['keyTime'], 'is the moment of a record, and there is no key that tells records apart');
  const ids = definition.events.map(({ id }) => id);
  for (const [index, id] of ids.entries())
    if (ids.indexOf(id) !== index) report(['events', index, 'id'], `there is already an event "${id}"`);
  return {
    path,
    definition,
    apps: match.app === undefined ? undefined : new Set(match.app.map((one) => one.toLowerCase())),
    match: compileMatch(match, report),
    unwrap: wrapper,
    events: definition.events.map((one, index) =>
      compileEvent(definition, one, own, ['events', index], report),
    ),
  };
}

function compileMatch(match: LogSourceType['match'], report: Report): readonly MatchTest[] {
  const tests: MatchTest[] = [];
  const { app, starts, pattern, json, format } = match;
  if (app !== undefined) {
    const apps = new Set(app.map((one) => one.toLowerCase()));
    tests.push({ label: `app is ${app.join(' or ')}`, holds: ({ appKey }) => apps.has(appKey) });
  }
  if (format !== undefined)
    tests.push({ label: `format is ${format}`, holds: ({ line }) => line.format === format });
  if (starts !== undefined)
    tests.push({
      label: `starts with ${starts.map((one) => JSON.stringify(one)).join(' or ')}`,
      holds: ({ text }) => starts.some((one) => text.startsWith(one)),
    });
  if (pattern !== undefined) {
    const compiled = patternAt(pattern, ['match', 'pattern'], report);
    tests.push({
      label: `pattern ${pattern}`,
      holds: ({ text }) => compiled?.first(text) !== undefined,
    });
  }
  for (const [index, pointer] of (json ?? []).entries()) {
    const keys = parsePointer(pointer);
    if (keys === undefined)
      report(['match', 'json', index], `"${pointer}" is no JSON pointer such as /user/name`);
    tests.push({
      label: pointer === '' ? 'has a JSON object' : `has json ${pointer}`,
      holds: ({ json: root }) => root !== null && readPointer(root, keys ?? []) !== undefined,
    });
  }
  return tests;
}

function compileEvent(
  type: LogSourceType,
  mapping: EventMapping,
  inherited: ReadonlyMap<string, CompiledProperty>,
  at: readonly PropertyKey[],
  report: Report,
): CompiledEvent {
  const pattern =
    mapping.pattern === undefined ? undefined : patternAt(mapping.pattern, [...at, 'pattern'], report);
  const own = compileProperties(mapping.properties, [...at, 'properties'], report);
  refuseIdentity(mapping, at, report);
  const groupNames = pattern?.groupNames ?? [];
  for (const [name, expressions] of Object.entries(mapping.properties))
    for (const [index, { group }] of expressions.entries())
      if (group !== undefined && !groupNames.includes(group))
        report(
          [...at, 'properties', name, index, 'group'],
          `the pattern of this event has no group "${group}"`,
        );
  // Nearest first: what the event says, then what its pattern found, then what holds for every event.
  const all = new Map([...inherited, ...groupNames.map(groupProperty), ...own]);
  const find = (name: string, where: readonly PropertyKey[]): CompiledProperty => {
    const found = all.get(name);
    if (found === undefined) report(where, `there is no property "${name}"`);
    return found ?? compiledProperty(name, []);
  };
  const keyAt = mapping.key === undefined ? ['key'] : [...at, 'key'];
  return {
    mapping,
    pattern,
    when: Object.entries(mapping.when).map(([name, wanted]) => {
      const values = [wanted].flat().map(String);
      return {
        property: find(name, [...at, 'when', name]),
        values: values.includes('*') ? undefined : new Set(values),
      };
    }),
    properties: [...all.values()].filter(({ name }) => goesIntoEvent(name)),
    key: (mapping.key ?? type.key ?? []).map((name, index) => find(name, [...keyAt, index])),
    keyTime: type.keyTime === undefined ? undefined : find(type.keyTime, ['keyTime']),
    isAnonymous: mapping.type !== undefined && isUnauthenticated(mapping.type),
    log: {
      type: type.name,
      event: mapping.id,
      name: mapping.name,
      ...(mapping.highCategory === undefined ? {} : { highCategory: mapping.highCategory }),
      ...(mapping.lowCategory === undefined ? {} : { lowCategory: mapping.lowCategory }),
      ...(mapping.qid === undefined ? {} : { qid: mapping.qid }),
    },
  };
}

/** A name somebody typed is data. What the type says of every event is moved there; saying it here is a mistake. */
function refuseIdentity(mapping: EventMapping, at: readonly PropertyKey[], report: Report): void {
  if (mapping.type === undefined || !isUnauthenticated(mapping.type)) return;
  for (const name of ['user', 'actor', 'account'])
    if (Object.hasOwn(mapping.properties, name))
      report(
        [...at, 'properties', name],
        `nobody was authenticated in ${mapping.type}: a name that was typed is data, write data.typedUser`,
      );
}

function groupProperty(name: string): readonly [string, CompiledProperty] {
  const property = isEventProperty(name) ? name : `data.${name}`;
  const label = `group ${name}`;
  return [
    property,
    compiledProperty(property, [{ label, read: ({ groups }) => groups.get(name), transforms: [] }]),
  ];
}

function compiledProperty(name: string, expressions: readonly CompiledExpression[]): CompiledProperty {
  const dataKey = name.startsWith('data.') ? name.slice('data.'.length) : undefined;
  return { name, dataKey, expressions, slot: undefined };
}

/** Those of the whole type, but for what depends on the pattern of an event. */
function sharedProperties(
  properties: ReadonlyMap<string, CompiledProperty>,
  { properties: written }: LogSourceType,
): ReadonlyMap<string, CompiledProperty> {
  return new Map(
    [...properties].map(([name, property], slot) => {
      const isOfPattern = written[name]?.some(({ group }) => group !== undefined) ?? true;
      return [name, isOfPattern ? property : { ...property, slot }];
    }),
  );
}

function isEventProperty(name: string): boolean {
  return EVENT_PROPERTIES.some((one) => one === name);
}

function goesIntoEvent(name: string): boolean {
  return name.startsWith('data.') || isEventProperty(name);
}

function compileProperties(
  properties: LogSourceType['properties'],
  at: readonly PropertyKey[],
  report: Report,
): ReadonlyMap<string, CompiledProperty> {
  return new Map(
    Object.entries(properties).map(([name, expressions]) => [
      name,
      compiledProperty(
        name,
        expressions.map((one, index) =>
          compileExpression(one, (key, message) => report([...at, name, index, key], message)),
        ),
      ),
    ]),
  );
}

function patternAt(source: string, at: readonly PropertyKey[], report: Report): Pattern | undefined {
  const compiled = compilePattern(source);
  if (!('problem' in compiled)) return compiled;
  report(at, compiled.problem);
  return undefined;
}
