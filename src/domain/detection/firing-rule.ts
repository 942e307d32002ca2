import type { Severity } from '#contract/event.ts';
import type { RuleTest } from './sigma-schema.ts';

export type RuleMode = 'off' | 'shadow' | 'approve' | 'auto';
export type EntityField = 'user' | 'address' | 'asset';

/** When a key has crossed. All of these can only become truer with more matches, so no order matters. */
export type Threshold =
  /** That many distinct events. */
  | { readonly type: 'event_count'; readonly atLeast: number; readonly timespanMs: number }
  /** That many distinct values of the field. */
  | {
      readonly type: 'value_count';
      readonly atLeast: number;
      readonly timespanMs: number;
      readonly fieldSlot: number;
    }
  /** Each of the labels at least once. */
  | { readonly type: 'temporal'; readonly labels: readonly string[]; readonly timespanMs: number }
  /** Each of the labels, in this order; equal times fit either order. */
  | { readonly type: 'temporal_ordered'; readonly labels: readonly string[]; readonly timespanMs: number };

/** One part of a key: the slot to read, by label where an alias says so. */
export interface KeyPart {
  readonly name: string;
  /** User names belong to a realm: the same name in two realms is two people. */
  readonly isUser: boolean;
  slotFor(label: string): number;
}

/** A rule that opens offenses: a correlation, or a detection that fires by itself. */
export interface FiringRule {
  /** The Sigma id, or the name when there is none. */
  readonly id: string;
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
  readonly tests: readonly RuleTest[];
  /** `file:line`, for messages. */
  readonly place: string;
}
