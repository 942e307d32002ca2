import { scalarText, type EventView, type FieldTable } from './event-view.ts';
import { buildAutomaton, type LiteralAutomaton } from './literal-automaton.ts';
import type { CompiledDetection } from './rule-set.ts';
import { selectivity } from './test-node.ts';

/** Offers, for the event in the view, each detection that could match it, once. */
export type Route = (view: EventView, offer: (detection: CompiledDetection) => void) => void;

/** By what a detection is found. */
interface Place {
  readonly slot: number;
  readonly whole: boolean;
  readonly texts: ReadonlySet<string>;
}

/**
 * Most rules cannot match most events, and what a rule needs says which: a text in a field, or at least the type
 * of event. Events are looked up by that, so thousands of rules cost little more than one.
 */
export function createRouter(detections: readonly CompiledDetection[], fields: FieldTable): Route {
  const typeSlot = fields.slot('type');
  const always: number[] = [];
  const byText = new Map<number, Map<string, number[]>>();
  const literals = new Map<number, (readonly [string, number])[]>();
  for (const [index, detection] of detections.entries()) {
    const place = choosePlace(detection, typeSlot);
    if (place === undefined) always.push(index);
    else if (place.whole) {
      const texts = byText.get(place.slot) ?? new Map<string, number[]>();
      byText.set(place.slot, texts);
      for (const text of place.texts) texts.set(text, [...(texts.get(text) ?? []), index]);
    } else {
      const list = literals.get(place.slot) ?? [];
      literals.set(place.slot, list);
      for (const text of place.texts) list.push([text, index]);
    }
  }
  const automata = [...literals].map(([slot, list]): readonly [number, LiteralAutomaton] => [
    slot,
    buildAutomaton(list),
  ]);
  const offeredAt = new Float64Array(detections.length);
  let round = 0;

  return (view, offer) => {
    round += 1;
    const offerOnce = (index: number): void => {
      const detection = detections[index];
      if (detection === undefined || offeredAt[index] === round) return;
      offeredAt[index] = round;
      offer(detection);
    };
    for (const index of always) offerOnce(index);
    for (const [slot, texts] of byText) eachText(view, slot, (text) => texts.get(text)?.forEach(offerOnce));
    for (const [slot, automaton] of automata) eachText(view, slot, (text) => automaton.scan(text, offerOnce));
  };
}

function choosePlace(detection: CompiledDetection, typeSlot: number): Place | undefined {
  let best: Place | undefined;
  for (const [slot, witness] of detection.node.witnesses) {
    if (slot === typeSlot) continue;
    if (best === undefined || selectivity(witness) > selectivity(best)) best = { slot, ...witness };
  }
  const type = detection.node.witnesses.get(typeSlot);
  // Matching on part of a type is rare and short; it is simply always tried.
  return best ?? (type?.whole === true ? { slot: typeSlot, ...type } : undefined);
}

/** The field's text in lower case, or each of them when the field holds a list. */
function eachText(view: EventView, slot: number, visit: (text: string) => void): void {
  const lowered = view.lower(slot);
  if (lowered !== undefined) {
    visit(lowered);
    return;
  }
  const value = view.value(slot);
  if (!Array.isArray(value)) return;
  for (const one of value) {
    const text = scalarText(one);
    if (text !== undefined) visit(text.toLowerCase());
  }
}
