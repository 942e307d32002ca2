import { z } from 'zod';

const SigmaDate = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a date such as 2026-11-22');
const Texts = z.array(z.string().min(1));

/** What every Sigma 2.1 document may say about itself. None of it changes what the rule finds. */
const SigmaHead = {
  title: z.string().min(1).max(256),
  id: z.uuid().optional(),
  name: z.string().min(1).max(256).optional(),
  related: z
    .array(
      z.looseObject({ id: z.uuid(), type: z.enum(['derived', 'obsolete', 'merged', 'renamed', 'similar']) }),
    )
    .optional(),
  taxonomy: z.string().max(256).optional(),
  status: z.enum(['stable', 'test', 'experimental', 'deprecated', 'unsupported']).optional(),
  description: z.string().max(65_535).optional(),
  license: z.string().optional(),
  author: z.string().optional(),
  references: Texts.optional(),
  date: SigmaDate.optional(),
  modified: SigmaDate.optional(),
  fields: Texts.optional(),
  falsepositives: z.union([z.string().transform((one) => [one]), Texts]).optional(),
  level: z.enum(['informational', 'low', 'medium', 'high', 'critical']).optional(),
  tags: z
    .array(
      z.string().regex(/^[a-z0-9_-]+\.[a-z0-9._-]+$/, 'must be a tag such as attack.privilege-escalation'),
    )
    .optional(),
  scope: Texts.optional(),
};

const At = z
  .string()
  .regex(/^\d{1,9}(ms|s|m|h|d)$/, 'must be a duration since the start of the test, e.g. 90s');

/** A test inside the rule file: events at relative times, and who the rule must fire for. */
export const RuleTest = z.strictObject({
  name: z.string().min(1),
  /**
   * An event (`type` and any field), or `close: ENTITY`, which ends the episode as a person would. An event may
   * come again (`repeat`, `every`); `{n}` in its texts is then 1, 2, 3 and so on.
   */
  steps: z
    .array(
      z.union([
        z.strictObject({ at: At, close: z.string() }),
        z.looseObject({
          at: At,
          type: z.string(),
          repeat: z.number().int().min(2).max(1000).optional(),
          every: At.optional(),
        }),
      ]),
    )
    .min(1),
  /** Entities such as `gateway:alice`; with `episode` when it is not the first. */
  fires: z.array(
    z.union([z.string(), z.strictObject({ entity: z.string(), episode: z.number().int().min(1) })]),
  ),
});
export type RuleTest = z.infer<typeof RuleTest>;

export const RuleMode = z.enum(['off', 'shadow', 'approve', 'auto']);
export type RuleMode = z.infer<typeof RuleMode>;

/** What a rule says to Portcullis beyond Sigma. Strict, because a mistake here decides who is locked out. */
export const PortcullisKey = z.strictObject({
  mode: RuleMode.optional(),
  /** Rules of one family share their offenses. Default: the rule itself. */
  family: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'must be lower-case words joined by "-"')
    .optional(),
  playbook: z.string().min(1).optional(),
  entity: z.enum(['user', 'address', 'asset', 'source']).optional(),
  tests: z.array(RuleTest).default([]),
});
export type PortcullisKey = z.infer<typeof PortcullisKey>;

/** Unknown keys at the top of a document are its author's own and are kept. */
export const DetectionDocument = z.looseObject({
  ...SigmaHead,
  logsource: z.looseObject({
    category: z.string().optional(),
    product: z.string().optional(),
    service: z.string().optional(),
    definition: z.string().optional(),
  }),
  detection: z.looseObject({ condition: z.union([z.string(), z.array(z.string()).min(1)]) }),
  portcullis: PortcullisKey.optional(),
});
export type DetectionDocument = z.infer<typeof DetectionDocument>;

const Operator = z.union([z.string(), z.number()]);

export const CorrelationDocument = z.looseObject({
  ...SigmaHead,
  correlation: z.looseObject({
    type: z.string(),
    rules: z.union([z.string().transform((one) => [one]), z.array(z.string()).min(1)]),
    'group-by': z.union([z.string().transform((one) => [one]), z.array(z.string()).min(1)]).optional(),
    timespan: z.string(),
    condition: z
      .union([z.record(z.string(), z.union([Operator, z.array(z.string())])), z.string()])
      .optional(),
    aliases: z.record(z.string(), z.record(z.string(), z.string())).default({}),
    generate: z.boolean().default(false),
  }),
  portcullis: PortcullisKey.optional(),
});
export type CorrelationDocument = z.infer<typeof CorrelationDocument>;

/** Keys that decide what a rule does; the rest describes it. */
const DECIDING: ReadonlySet<string> = new Set([
  'title',
  'id',
  'name',
  'description',
  'level',
  'logsource',
  'detection',
  'correlation',
  'portcullis',
]);

/** What a document says beyond what decides: Sigma's own descriptions, and whatever its author added. */
export interface RuleAttributes {
  readonly known: Readonly<Record<string, unknown>>;
  readonly custom: Readonly<Record<string, unknown>>;
}

export function attributesOf(document: DetectionDocument | CorrelationDocument): RuleAttributes {
  const rest = Object.entries(document).filter(([key]) => !DECIDING.has(key));
  return {
    known: Object.fromEntries(rest.filter(([key]) => Object.hasOwn(SigmaHead, key))),
    custom: Object.fromEntries(rest.filter(([key]) => !Object.hasOwn(SigmaHead, key))),
  };
}
