import { z } from 'zod';

/**
 * What JumpServer's API answers about command filters, as far as rules are made of it. Keys that are not known
 * are left alone. Version 2: CommandFilter with rules; versions 3 and 4: CommandGroup and CommandFilterACL.
 */

/** Version 3 and later wrap choices: `{value, label}`. */
function choice<T extends z.ZodType>(inner: T) {
  return z.preprocess(
    (one) => (typeof one === 'object' && one !== null && 'value' in one ? one.value : one),
    inner,
  );
}

const Id = z.union([z.string(), z.number().transform(String)]);

/** Whatever has a name by which our rules can call it. */
const namedFields = {
  name: z.string().optional(),
  username: z.string().optional(),
  hostname: z.string().optional(),
};
export const Named = z.object({ id: Id, ...namedFields });
export type Named = z.infer<typeof Named>;

const NamedReference = z.object({ id: Id.optional(), ...namedFields });
/** An object by its id alone, or with its names. */
export type Reference = z.infer<typeof NamedReference>;
export const Reference = z.union([NamedReference, Id.transform((id): Reference => ({ id }))]);

const GroupType = choice(z.enum(['command', 'regex']));
const References = z.array(Reference).max(10_000);

const Attribute = z.object({
  name: z.string(),
  match: z.string().default('exact'),
  value: z.unknown(),
});
export type Attribute = z.infer<typeof Attribute>;

/** `"*"`, a list of names and ids, or by kind; early version 3 has lists of names under `…_group`. */
export const Selector = z.union([
  z.string().transform((name) => ({ list: [{ id: name }] })),
  References.transform((list) => ({ list })),
  z.object({ type: z.literal('all') }).transform(() => ({ list: [{ id: '*' }] })),
  z.object({ type: z.literal('ids'), ids: References }).transform(({ ids }) => ({ list: ids })),
  z
    .object({ type: z.literal('attrs'), attrs: z.array(Attribute).max(100) })
    .transform(({ attrs }) => ({ attrs })),
  z
    .object({
      username_group: z.array(z.string()).optional(),
      name_group: z.array(z.string()).optional(),
      address_group: z.array(z.string()).optional(),
    })
    .refine((one) => Object.values(one).some((names) => names !== undefined), {
      message: 'is no selector that is known',
    })
    .transform(({ username_group, name_group, address_group }) => ({
      attrs: [
        ['username', username_group] as const,
        ['name', name_group] as const,
        ['address', address_group] as const,
      ].flatMap(([name, value]) => (value === undefined ? [] : [{ name, match: 'in', value }])),
    })),
]);
export type Selector = z.infer<typeof Selector>;

export const CommandGroup = z.object({
  id: Id.optional(),
  name: z.string().default(''),
  type: GroupType,
  content: z.string().max(1_000_000),
  ignore_case: z.boolean().optional(),
});
export type CommandGroup = z.infer<typeof CommandGroup>;

export const FilterAcl = z.object({
  id: Id.optional(),
  name: z.string().default(''),
  priority: z.number().int().default(50),
  is_active: z.boolean().default(true),
  action: choice(z.string()),
  users: Selector,
  assets: Selector,
  accounts: Selector,
  command_groups: z.array(z.union([CommandGroup, Reference])).max(10_000),
  reviewers: z.array(z.unknown()).default([]),
  org_id: z.string().optional(),
});
export type FilterAcl = z.infer<typeof FilterAcl>;

export const FilterRule = z.object({
  id: Id.optional(),
  filter: Reference.optional(),
  type: GroupType,
  content: z.string().max(1_000_000),
  priority: z.number().int().default(50),
  is_active: z.boolean().default(true),
  action: choice(z.union([z.number(), z.string()])),
  ignore_case: z.boolean().optional(),
  reviewers: z.array(z.unknown()).default([]),
});
export type FilterRule = z.infer<typeof FilterRule>;

/** Version 2: it concerns whoever, or whatever, is in any of the lists. */
export const Filter = z.object({
  id: Id.optional(),
  name: z.string().default(''),
  is_active: z.boolean().default(true),
  users: References.default([]),
  user_groups: References.default([]),
  assets: References.default([]),
  nodes: References.default([]),
  system_users: References.default([]),
  rules: z.array(z.union([FilterRule, Reference])).default([]),
  org_id: z.string().optional(),
});
export type Filter = z.infer<typeof Filter>;

export const Page = z.object({
  count: z.number().int(),
  next: z.string().nullish(),
  results: z.array(z.unknown()),
});
