import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Admission, STAGES, type Pending, type Stage } from './admission.ts';

/** A small generator, so that every run is the same (Park and Miller). */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return (state - 1) / 2_147_483_646;
  };
}

function connection(block: string, stage: Stage = 'opening'): Pending & { stage: Stage; evicted: boolean } {
  const one = {
    block,
    stage,
    evicted: false,
    evict: (): void => {
      one.evicted = true;
    },
  };
  return one;
}

test('a flood from one source pushes out itself, within its own limit', () => {
  const admission = new Admission({ pendingConnections: 200, connectionsPerAddress: 50 }, dice(1));
  const honest = connection('192.0.2.1');
  admission.add(honest);
  const flood = Array.from({ length: 2_000 }, () => connection('198.51.100.1'));
  for (const one of flood) admission.add(one);
  expect(honest.evicted).toBe(false);
  expect(flood.filter((one) => !one.evicted)).toHaveLength(50);
  expect(admission.size).toBe(51);
});

test('a flood from many sources leaves alone who comes from elsewhere', () => {
  const admission = new Admission({ pendingConnections: 200, connectionsPerAddress: 50 }, dice(2));
  const honest = connection('192.0.2.1', 'authentication');
  admission.add(honest);
  for (let index = 0; index < 10_000; index += 1) admission.add(connection(`198.51.100.${index % 40}`));
  expect(honest.evicted).toBe(false);
  expect(admission.size).toBe(200);
});

test('among sources with one connection each, who has come far stays', () => {
  const admission = new Admission({ pendingConnections: 100, connectionsPerAddress: 50 }, dice(3));
  const honest = Array.from({ length: 20 }, (_, index) => connection(`192.0.2.${index}`, 'authentication'));
  for (const one of honest) admission.add(one);
  for (let index = 0; index < 5_000; index += 1)
    admission.add(connection(`2001:db8:${index.toString(16)}::/64`));
  expect(honest.filter((one) => one.evicted)).toHaveLength(0);
});

test('somebody behind the address of a flooder still gets in', () => {
  const admission = new Admission({ pendingConnections: 200, connectionsPerAddress: 50 }, dice(4));
  for (let index = 0; index < 500; index += 1) admission.add(connection('192.0.2.1'));
  const honest = connection('192.0.2.1');
  admission.add(honest);
  expect(honest.evicted).toBe(false);
  honest.stage = 'authentication';
  for (let index = 0; index < 500; index += 1) admission.add(connection('192.0.2.1'));
  expect(honest.evicted).toBe(false);
});

test('sources without an own limit are bounded by the whole', () => {
  const admission = new Admission({ pendingConnections: 20, connectionsPerAddress: 5 }, dice(5));
  for (let index = 0; index < 15; index += 1) admission.add(connection('192.0.2.9'), true);
  expect(admission.size).toBe(15);
  for (let index = 0; index < 15; index += 1) admission.add(connection('192.0.2.9'), true);
  expect(admission.size).toBe(20);
});

test('never holds more than it may, and counts what is there, whatever comes and goes', () => {
  const step = fc.record({
    block: fc.constantFrom('a', 'b', 'c'),
    stage: fc.constantFrom(...STAGES),
    leaves: fc.option(fc.nat(30), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 1_000_000 }), (steps, seed) => {
      const admission = new Admission({ pendingConnections: 8, connectionsPerAddress: 4 }, dice(seed));
      const here: (Pending & { evicted: boolean })[] = [];
      for (const { block, stage, leaves } of steps) {
        const newcomer = connection(block, stage);
        admission.add(newcomer);
        here.push(newcomer);
        const leaver = leaves === undefined ? undefined : here[leaves];
        if (leaver !== undefined) {
          admission.remove(leaver);
          leaver.evicted = true;
        }
        const present = here.filter((one) => !one.evicted);
        expect(admission.size).toBe(present.length);
        expect(present.length).toBeLessThanOrEqual(8);
        for (const source of ['a', 'b', 'c']) {
          expect(present.filter((one) => one.block === source).length).toBeLessThanOrEqual(4);
        }
      }
    }),
  );
});
