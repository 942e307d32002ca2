import type { FieldTable } from './event-view.ts';
import { canonicalField } from './field-names.ts';
import type { EntityField, KeyPart } from './firing-rule.ts';
import { ruleError } from './rule-error.ts';
import type { CorrelationDocument } from './sigma-schema.ts';

export interface Grouping {
  readonly key: readonly KeyPart[];
  readonly entity: EntityField;
  readonly entityPart: number;
}

/** Grouping by one field: for detections that fire by themselves. */
export function groupByEntity(entity: EntityField, fields: FieldTable): Grouping {
  const slot = fields.slot(entity);
  return { key: [{ name: entity, isUser: entity === 'user', slotFor: () => slot }], entity, entityPart: 0 };
}

/**
 * Reads `group-by` and `aliases`. The entity must be one of the grouping fields: then each key is about
 * exactly one of them, and what ends an episode is clear.
 * @param idOf the id of a rule by the name under which the correlation knows it
 */
export function compileGrouping(
  correlation: CorrelationDocument['correlation'],
  wanted: EntityField | undefined,
  idOf: (name: string) => string,
  fields: FieldTable,
  place: string,
): Grouping {
  const names = correlation['group-by'] ?? [];
  const parts = names.map((name): KeyPart & { readonly field: string } => {
    const alias = Object.hasOwn(correlation.aliases, name) ? correlation.aliases[name] : undefined;
    if (alias === undefined) {
      const field = requireField(name, place);
      const slot = fields.slot(field);
      return { name, field, isUser: field === 'user', slotFor: () => slot };
    }
    const byLabel = new Map(
      Object.entries(alias).map(([rule, field]) => [idOf(rule), requireField(field, place)] as const),
    );
    for (const rule of correlation.rules)
      if (!byLabel.has(idOf(rule)))
        throw ruleError(place, `alias "${name}" has no field for the rule "${rule}"`);
    const targets = new Set(byLabel.values());
    if (targets.has('user') && targets.size > 1)
      throw ruleError(
        place,
        `alias "${name}" mixes user with another field: who was authenticated is not what was typed`,
      );
    const [field = ''] = targets;
    return {
      name,
      field: targets.size === 1 ? field : name,
      isUser: targets.has('user'),
      slotFor: (label) => fields.slot(byLabel.get(label) ?? field),
    };
  });
  const entity = wanted ?? (parts.some((part) => part.field === 'user') ? 'user' : parts[0]?.field);
  if (entity !== 'user' && entity !== 'address' && entity !== 'asset')
    throw ruleError(place, 'portcullis.entity (user, address or asset) must say who an offense is about');
  const entityPart = parts.findIndex((part) => part.field === entity);
  if (entityPart === -1) throw ruleError(place, `the entity "${entity}" must be one of the group-by fields`);
  return { key: parts, entity, entityPart };
}

function requireField(name: string, place: string): string {
  const field = canonicalField(name);
  if (field === undefined) throw ruleError(place, `there is no field "${name}"`);
  return field;
}
