import type { EventView } from './event-view.ts';

export type EventTest = (view: EventView) => boolean;

/**
 * What must hold for a test to be true at all: the field is one of these lowered texts (`whole`), or contains
 * one of them. The matcher routes events by it, so a rule costs nothing for events that cannot match.
 */
export interface Witness {
  readonly whole: boolean;
  readonly texts: ReadonlySet<string>;
}

/** Higher is better: how unlikely an event is to have it. */
export function selectivity(witness: Witness): number {
  return Math.min(...[...witness.texts].map((text) => text.length)) + (witness.whole ? 4 : 0);
}

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
      if (held === undefined || selectivity(needs) > selectivity(held)) witnesses.set(slot, needs);
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
      witnesses.set(slot, {
        whole: all.every((needs) => needs.whole),
        texts: new Set(all.flatMap((needs) => [...needs.texts])),
      });
  }
  const tests = nodes.map((node) => node.test);
  return { test: (view) => tests.some((test) => test(view)), witnesses };
}

export function negation(node: TestNode): TestNode {
  return leaf((view) => !node.test(view));
}
