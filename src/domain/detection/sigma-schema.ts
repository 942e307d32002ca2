import { z } from 'zod';

/** The parts of a Sigma 2.1 document that decide something. Unknown keys are kept, as the specification asks. */
const SigmaHead = {
  title: z.string().min(1).max(256),
  id: z.uuid().optional(),
  name: z.string().min(1).max(128).optional(),
  status: z.enum(['stable', 'test', 'experimental', 'deprecated', 'unsupported']).optional(),
  description: z.string().optional(),
  level: z.enum(['informational', 'low', 'medium', 'high', 'critical']).optional(),
};

const At = z
  .string()
  .regex(/^\d{1,9}(ms|s|m|h|d)$/, 'must be a duration since the start of the test, e.g. 90s');

/** A test inside the rule file: events at relative times, and who the rule must fire for. */
export const RuleTest = z.strictObject({
  name: z.string().min(1),
  /** An event (`type` and any field), or `close: ENTITY`, which ends the episode as a person would. */
  steps: z
    .array(
      z.union([z.strictObject({ at: At, close: z.string() }), z.looseObject({ at: At, type: z.string() })]),
    )
    .min(1),
  /** Entities such as `gateway:alice`; with `episode` when it is not the first. */
  fires: z.array(
    z.union([z.string(), z.strictObject({ entity: z.string(), episode: z.number().int().min(1) })]),
  ),
});
export type RuleTest = z.infer<typeof RuleTest>;

/** What a rule says to Portcullis beyond Sigma. Strict, because a mistake here decides who is locked out. */
export const PortcullisKey = z.strictObject({
  mode: z.enum(['off', 'shadow', 'approve', 'auto']).optional(),
  /** Rules of one family share their offenses. Default: the rule itself. */
  family: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'must be lower-case words joined by "-"')
    .optional(),
  playbook: z.string().min(1).optional(),
  entity: z.enum(['user', 'address', 'asset']).optional(),
  tests: z.array(RuleTest).default([]),
});
export type PortcullisKey = z.infer<typeof PortcullisKey>;

export const DetectionDocument = z.looseObject({
  ...SigmaHead,
  logsource: z.looseObject({
    category: z.string().optional(),
    product: z.string().optional(),
    service: z.string().optional(),
  }),
  detection: z.looseObject({ condition: z.union([z.string(), z.array(z.string()).min(1)]) }),
  portcullis: PortcullisKey.optional(),
});
export type DetectionDocument = z.infer<typeof DetectionDocument>;

export const CorrelationDocument = z.looseObject({
  ...SigmaHead,
  correlation: z.looseObject({
    type: z.string(),
    rules: z.union([z.string().transform((one) => [one]), z.array(z.string()).min(1)]),
    'group-by': z.union([z.string().transform((one) => [one]), z.array(z.string()).min(1)]).optional(),
    timespan: z.string(),
    condition: z.union([z.record(z.string(), z.union([z.string(), z.number()])), z.string()]).optional(),
    aliases: z.record(z.string(), z.record(z.string(), z.string())).default({}),
    generate: z.boolean().default(false),
  }),
  portcullis: PortcullisKey.optional(),
});
export type CorrelationDocument = z.infer<typeof CorrelationDocument>;
