import { z } from 'zod';
import { EventView } from './event-view.ts';

/** What a person concluded when an offense was closed. */
export const OffenseVerdict = z.enum(['true-positive', 'false-positive', 'benign']);
export type OffenseVerdict = z.infer<typeof OffenseVerdict>;

export const Offense = z.object({
  id: z.uuid(),
  /** Short number for people, counted up. */
  number: z.number().int(),
  title: z.string(),
  rule: z.string(),
  /** Whom it is about: `realm:name`, or `@address:…`, `@asset:…`, `@source:…`. */
  entity: z.string(),
  severity: z.string(),
  status: z.enum(['open', 'closed']),
  verdict: z.string().nullable(),
  assignee: z.string().nullable(),
  episode: z.number().int(),
  openedAt: z.number().int(),
  updatedAt: z.number().int(),
  closedAt: z.number().int().nullable(),
});
export type Offense = z.infer<typeof Offense>;

export const Episode = z.object({
  episode: z.number().int(),
  openedAt: z.number().int(),
  lastEventAt: z.number().int(),
  endedAt: z.number().int().nullable(),
  endReason: z.string().nullable(),
});

export const TimelineEntry = z.object({
  episode: z.number().int(),
  time: z.number().int(),
  kind: z.string(),
  actor: z.string(),
  text: z.string(),
});

export const PlannedAction = z.object({
  id: z.uuid(),
  offenseId: z.uuid().nullable(),
  episode: z.number().int().nullable(),
  playbook: z.string(),
  step: z.number().int(),
  action: z.string(),
  target: z.string(),
  mode: z.enum(['shadow', 'approve', 'auto']),
  state: z.string(),
  attempts: z.number().int(),
  plannedAt: z.number().int(),
  updatedAt: z.number().int(),
  result: z.string().nullable(),
  /** One sentence out of the result. */
  summary: z.string().nullable(),
});
export type PlannedAction = z.infer<typeof PlannedAction>;

/** A session that the response ended: a cut ends the connection, not what was started on the asset. */
export const CutSession = z.object({
  episode: z.number().int(),
  id: z.string(),
  asset: z.string().nullable(),
  account: z.string().nullable(),
  address: z.string(),
  /** What ran in it when it was cut: shells and commands. */
  channels: z.array(z.string()),
});
export type CutSession = z.infer<typeof CutSession>;

export const OffenseDetail = Offense.extend({
  episodes: z.array(Episode),
  evidence: z.array(z.object({ episode: z.number().int(), rule: z.string(), event: EventView })),
  timeline: z.array(TimelineEntry),
  actions: z.array(PlannedAction),
  cut: z.array(CutSession),
});
export type OffenseDetail = z.infer<typeof OffenseDetail>;
