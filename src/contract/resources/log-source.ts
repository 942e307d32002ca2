import { z } from 'zod';
import { Json } from '../json.ts';
import { Name } from '../names.ts';
import { EventView } from './event-view.ts';

/** Where foreign events come from. */
export const LogSource = z.object({
  name: Name,
  /** An address, or a CIDR range. */
  address: z.string(),
  /** Host name in the header of its lines; empty for lines that have none, `*` for any. */
  host: z.string(),
  /** App name in the header of its lines; `*` for any. */
  app: z.string(),
  /** Who its users are users of: the name of a connector, or of the source itself. */
  realm: Name,
  /** Until it is confirmed its events open offenses and nothing acts on them. */
  confirmed: z.boolean(),
  confirmedBy: z.string().nullable(),
  createdAt: z.number().int(),
  lastAt: z.number().int().nullable(),
  messages: z.number().int(),
  /** Messages that no log source type could read. */
  failures: z.number().int(),
  /** Messages in a minute, as they come now. */
  ratePerMinute: z.number().int(),
  /** How many messages each log source type took. */
  types: z.record(z.string(), z.number().int()),
});
export type LogSource = z.infer<typeof LogSource>;

const Word = z.string().max(255).regex(/^\S*$/, 'must not hold white space');

/** A source that an administrator knows of, and so confirms. */
export const NewLogSource = z.strictObject({
  name: Name,
  address: z.string().max(64).describe('An address, or a CIDR range.'),
  host: Word.default('*').describe('Host name in the header; empty for lines without one, `*` for any.'),
  app: Word.min(1).default('*').describe('App name in the header; `*` for any.'),
  realm: Name.optional().describe('A connector whose users they are; without one the source itself.'),
});
export type NewLogSource = z.infer<typeof NewLogSource>;

const ExpressionExplanation = z.object({
  expression: z.string(),
  /** hit: it gave the value. miss: nothing there. refused: there, but not usable. unused: an earlier one had hit. */
  result: z.enum(['hit', 'miss', 'refused', 'unused']),
  found: Json,
  value: Json,
  reason: z.string(),
});

/** What becomes of a line, and why. */
export const LineExplanation = z.object({
  /** Every type in its order, up to the one that took the line. */
  types: z
    .array(
      z.object({
        type: z.string(),
        taken: z.boolean(),
        tests: z.array(z.object({ test: z.string(), holds: z.boolean() })).readonly(),
      }),
    )
    .readonly(),
  /** Every event of the type that took it, up to the one that fits. */
  events: z.array(z.object({ event: z.string(), misfit: z.string().nullable() })).readonly(),
  properties: z
    .array(z.object({ property: z.string(), expressions: z.array(ExpressionExplanation).readonly() }))
    .readonly(),
  result: z.array(EventView).readonly(),
});
export type LineExplanation = z.infer<typeof LineExplanation>;

/** The same with where the line would have come from. */
export const ExplainedLine = LineExplanation.extend({
  line: z.string(),
  source: z.object({
    name: z.string(),
    realm: z.string(),
    confirmed: z.boolean(),
    /** False for one that was never seen. */
    known: z.boolean(),
  }),
});
export type ExplainedLine = z.infer<typeof ExplainedLine>;

/** What became of a part of a file. */
export const ImportedLines = z.object({
  events: z.number().int(),
  /** Lines that nothing could read; they are kept raw. */
  failed: z.number().int(),
});
export type ImportedLines = z.infer<typeof ImportedLines>;
