import type { EventView } from './event-view.ts';

export type EventTest = (view: EventView) => boolean;

/**
 * What must hold for a test to be true at all: one of these lowered texts stands in the field with this
 * slot. The matcher routes events by it, so a rule costs nothing for events that cannot match.
 */
export type Witness = ReadonlySet<string>;

/** A compiled piece of a rule: the test and, per slot, what it needs to be true. */
export interface TestNode {
  readonly test: EventTest;
  readonly witnesses: ReadonlyMap<number, Witness>;
}

const NONE: ReadonlyMap<number, Witness> = new Map();

export function leaf(test: EventTest, slot?: number, needs?: Witness): TestNode {
  return { test, witnesses: slot === undefined || needs === undefined ? NONE : new Map([[slot, needs]]) };
}

export function allOf(nodes: readonly TestNode[]): TestNode {
  const [only] = nodes;
  if (nodes.length === 1 && only !== undefined) return only;
  const witnesses = new Map<number, Witness>();
  for (const node of nodes) {
    for (const [slot, needs] of node.witnesses) {
      const held = witnesses.get(slot);
      // Not the intersection: a field that holds a list can satisfy both with different elements.
      if (held === undefined || needs.size < held.size) witnesses.set(slot, needs);
    }
  }
  const tests = nodes.map((node) => node.test);
  return { test: (view) => tests.every((test) => test(view)), witnesses };
}

export function anyOf(nodes: readonly TestNode[]): TestNode {
  const [first] = nodes;
  if (first === undefined) return leaf(() => false);
  if (nodes.length === 1) return first;
  const witnesses = new Map<number, Witness>();
  for (const slot of first.witnesses.keys()) {
    const all = nodes.map((node) => node.witnesses.get(slot));
    if (all.every((needs) => needs !== undefined))
      witnesses.set(slot, new Set(all.flatMap((needs) => [...needs])));
  }
  const tests = nodes.map((node) => node.test);
  return { test: (view) => tests.some((test) => test(view)), witnesses };
}

export function negation(node: TestNode): TestNode {
  return leaf((view) => !node.test(view));
}
