import type { Severity } from '#contract/event.ts';
import type { RuleAttributes, RuleMode, RuleTest } from './sigma-schema.ts';

export type EntityField = 'user' | 'address' | 'asset' | 'source';

/** So many distinct events, or distinct values of a field, within the timespan. */
export type CountThreshold =
  | { readonly type: 'event_count'; readonly atLeast: number; readonly timespanMs: number }
  | {
      readonly type: 'value_count';
      readonly atLeast: number;
      readonly timespanMs: number;
      readonly fieldSlot: number;
    };

/** One rule of a temporal correlation: met by any match, or by the match that makes its count full. */
export interface Part {
  readonly label: string;
  readonly count: CountThreshold | null;
}

/** When a key has crossed. All of these can only become truer with more matches, so no order matters. */
export type Threshold =
  | CountThreshold
  /** That many of the parts. */
  | {
      readonly type: 'temporal';
      readonly parts: readonly Part[];
      readonly atLeast: number;
      readonly timespanMs: number;
    }
  /** All of the parts, in this order; equal times fit either order. */
  | { readonly type: 'temporal_ordered'; readonly parts: readonly Part[]; readonly timespanMs: number };

/** How far apart two matches can be and still cross together. */
export function reachMs(threshold: Threshold): number {
  if (threshold.type === 'event_count' || threshold.type === 'value_count') return threshold.timespanMs;
  return threshold.timespanMs + Math.max(...threshold.parts.map(({ count }) => count?.timespanMs ?? 0));
}

/** One part of a key: the slot to read, by label where an alias says so. */
export interface KeyPart {
  readonly name: string;
  /** The field that is read, or the alias where it is another for each rule. */
  readonly field: string;
  /** What the value is, which decides when two of them are the same. */
  readonly kind: EntityField | 'text';
  slotFor(label: string): number;
}

/** A rule that opens offenses: a correlation, or a detection that fires by itself. */
export interface FiringRule {
  /** The Sigma id, or the name when there is none. */
  readonly id: string;
  readonly name: string | null;
  readonly title: string;
  readonly description: string;
  readonly severity: Severity;
  readonly mode: RuleMode;
  readonly family: string;
  readonly playbook: string | null;
  readonly entity: EntityField;
  readonly key: readonly KeyPart[];
  /** Which part of the key is the entity. */
  readonly entityPart: number;
  readonly threshold: Threshold;
  /** Ids of the detections whose matches it counts. */
  readonly detections: readonly string[];
  readonly attributes: RuleAttributes;
  readonly tests: readonly RuleTest[];
  /** `file:line`, for messages. */
  readonly place: string;
}
