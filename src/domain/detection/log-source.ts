import { EVENT_CATALOGUE } from '#contract/event-catalogue.ts';
import type { FieldTable } from './event-view.ts';
import { ruleError, unsupported } from './rule-error.ts';
import type { DetectionDocument } from './sigma-schema.ts';
import { allOf, leaf, type TestNode } from './test-node.ts';

const FAMILIES: ReadonlySet<string> = new Set(Object.keys(EVENT_CATALOGUE).map((type) => familyOf(type)));

const KEYS: ReadonlySet<string> = new Set(['category', 'product', 'service', 'definition']);

function familyOf(type: string): string {
  return type.split('.')[0] ?? type;
}

/**
 * The log source of a rule as a test. `product: portcullis` is every event in our own terms, whatever source
 * it came from; `category` is the first word of the event type; `service: gateway` is our own gateway alone.
 */
export function compileLogSource(
  source: DetectionDocument['logsource'],
  fields: FieldTable,
  place: string,
): TestNode {
  const unknown = Object.keys(source).find((key) => !KEYS.has(key));
  if (unknown !== undefined)
    throw unsupported(place, `"${unknown}" in a log source`, `use ${[...KEYS].join(', ')}`);
  if (source.product !== undefined && source.product !== 'portcullis')
    throw unsupported(place, `log source product "${source.product}"`, 'use product: portcullis');
  if (source.service !== undefined && source.service !== 'gateway')
    throw unsupported(
      place,
      `log source service "${source.service}"`,
      'use service: gateway or leave it out',
    );
  const nodes: TestNode[] = [];
  if (source.category !== undefined) {
    if (!FAMILIES.has(source.category))
      throw ruleError(
        place,
        `there is no event family "${source.category}". Families: ${[...FAMILIES].join(', ')}`,
      );
    const types = new Set(Object.keys(EVENT_CATALOGUE).filter((type) => familyOf(type) === source.category));
    const slot = fields.slot('type');
    nodes.push(leaf((view) => types.has(view.event.type), slot, { whole: true, texts: types }));
  }
  if (source.service === 'gateway') {
    const slot = fields.slot('source');
    nodes.push(
      leaf((view) => view.event.source === 'gateway', slot, {
        whole: true,
        texts: new Set(['gateway']),
      }),
    );
  }
  return nodes.length === 0 ? leaf(() => true) : allOf(nodes);
}
