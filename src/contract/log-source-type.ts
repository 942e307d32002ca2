import { z } from 'zod';
import { EVENT_CATALOGUE, isEventType } from './event-catalogue.ts';
import { ORIGIN_KEY } from './event-origin.ts';
import { closestWord } from './problems.ts';
import { SEVERITIES } from './severity.ts';

/** What a property's text may go through on its way into the event, in the order written. */
export const TRANSFORMS = {
  trim: 'Without white space at both ends.',
  lower: 'In lower case.',
  upper: 'In upper case.',
  shorten: 'The first 1,024 characters.',
  number: 'As a number; what is none is no hit.',
  boolean: 'true, yes, 1 and false, no, 0, as true and false.',
  address: 'An IP address in its one text form; what is none is no hit.',
  'in-brackets': 'What stands in the last brackets: alice of "Alice Li(alice)". Without brackets the whole.',
  'before-brackets':
    'What stands before the last brackets: web01 of "web01(10.0.0.5)". Without brackets the whole.',
  'only-in-brackets': 'As in-brackets, but no hit without brackets.',
  'epoch-seconds': 'Seconds since 1970 as a moment.',
  'epoch-milliseconds': 'Milliseconds since 1970 as a moment.',
  'iso-date': 'A date of RFC 3339 as a moment.',
  'jumpserver-date': 'A date such as "2024/10/01 16:00:00 +0800" as a moment.',
  'octal-escapes': 'With "#012" and the like, which rsyslog writes for control characters, turned back.',
  'cut-in-middle':
    'true when JumpServer shortened the command: 127 characters with "..." in the middle; else no hit.',
} as const;
export type TransformName = keyof typeof TRANSFORMS;

const TransformWord = z.string().refine((name): name is TransformName => Object.hasOwn(TRANSFORMS, name), {
  error: ({ input }) => notKnown('transform', String(input), Object.keys(TRANSFORMS)),
});
/** Words as a table: what is not in it is no hit, unless there is an entry `*`. */
const Mapping = z.strictObject({ map: z.record(z.string().max(256), z.string().max(256)) });

/** What the header of a line says. `sender` is the address the line came from, `text` what follows the header. */
export const HEADER_FIELDS = [
  'host',
  'app',
  'process',
  'message-id',
  'facility',
  'severity',
  'sender',
  'time',
  'text',
] as const;

const SOURCES = ['json', 'pattern', 'pair', 'header', 'structured', 'group', 'value'] as const;

/** One way to a property. Exactly one of the sources is given. */
export const Expression = z
  .strictObject({
    json: z.string().max(512).optional().describe('RFC 6901 (/a/b) or quoted keys (/"a"/"b").'),
    pattern: z.string().min(1).max(4096).optional().describe('RE2; the group "value", else the first group.'),
    pair: z.string().min(1).max(128).optional().describe('The value of key=value in the text.'),
    header: z.enum(HEADER_FIELDS).optional(),
    structured: z
      .string()
      .regex(/^[^/]{1,64}\/[^/]{1,64}$/, 'must be the element and the parameter, as in origin/ip')
      .optional(),
    group: z.string().max(64).optional().describe('A named group of the pattern of the same event.'),
    value: z.union([z.string().max(1024), z.number(), z.boolean()]).optional(),
    transform: z
      .array(z.union([TransformWord, Mapping]))
      .max(8)
      .default([]),
  })
  .refine((one) => SOURCES.filter((source) => one[source] !== undefined).length === 1, {
    error: `must have exactly one of ${SOURCES.join(', ')}`,
  });
export type Expression = z.infer<typeof Expression>;

/** Where a property goes in the event. `data.NAME` goes there too; other names are only for `when` and `key`. */
export const EVENT_PROPERTIES = [
  'user',
  'actor',
  'address',
  'port',
  'asset',
  'account',
  'session',
  'channel',
  'command',
  'message',
  'time',
  'count',
] as const;

/** How a line came to us, and which event of which type it is. */
const RESERVED: ReadonlySet<string> = new Set([`data.${ORIGIN_KEY}`, 'data.log']);
const PropertyName = z
  .string()
  .regex(/^(data\.)?[a-zA-Z][a-zA-Z0-9_]{0,63}$/, 'must be a word, or data. and a word')
  .refine((name) => !RESERVED.has(name), {
    error: ({ input }) => `${String(input)} is where the server writes; no line can say it`,
  });
const Properties = z.record(PropertyName, z.array(Expression).min(1).max(16)).default({});
const Id = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'must be lower-case words joined by "-"');
const Scalar = z.union([z.string().max(256), z.number(), z.boolean()]);
const Pattern = z.string().min(1).max(4096);

/** Logging in, sessions, commands, administration, foreign: what other systems can tell. The rest is ours to say. */
const FOREIGN_FAMILIES = ['PC1', 'PC2', 'PC3', 'PC7', 'PC9'];
const EventTypeName = z
  .string()
  .refine(isEventType, {
    error: ({ input }) => notKnown('event type', String(input), Object.keys(EVENT_CATALOGUE)),
    abort: true,
  })
  .refine((type) => FOREIGN_FAMILIES.some((family) => EVENT_CATALOGUE[type].code.startsWith(family)), {
    error: ({ input }) => `${String(input)} is about Portcullis itself; no foreign line can say it`,
  });

/** What becomes of a line that the type took. The first entry that fits decides. */
export const EventMapping = z
  .strictObject({
    id: Id,
    name: z.string().min(1).max(128),
    starts: z.string().min(1).max(256).optional().describe('How the text begins.'),
    pattern: Pattern.optional().describe('RE2 on the text; its named groups are properties.'),
    when: z
      .record(PropertyName, z.union([Scalar, z.array(Scalar).min(1)]))
      .default({})
      .describe('Properties and what they must be; "*" is anything that is there.'),
    type: EventTypeName.optional(),
    raw: z.string().min(1).max(256).optional().describe('Instead of a type: keep the line raw, and why.'),
    severity: z.enum(SEVERITIES).optional(),
    outcome: z.enum(['success', 'failure', 'unknown']).optional(),
    highCategory: Id.optional(),
    lowCategory: Id.optional(),
    qid: z.number().int().min(1).max(2_147_483_647).optional(),
    properties: Properties,
    key: z.array(PropertyName).min(1).max(8).optional(),
  })
  .refine((one) => (one.type === undefined) !== (one.raw === undefined), {
    error: 'must have either type or raw',
  });
export type EventMapping = z.infer<typeof EventMapping>;

/** Lines as they come from the wire, and what the events of them must at least hold. */
const TypeTest = z.strictObject({
  name: z.string().min(1).max(256),
  lines: z.array(z.string().max(65_536)).min(1).max(100),
  events: z
    .array(z.record(z.string(), z.json()))
    .optional()
    .describe('Each with the fields to compare; null for a field that must not be there.'),
  matches: z.literal(false).optional().describe('No line may be taken by this type.'),
});

/** A log source type: which lines it takes and what events they become. */
export const LogSourceType = z.strictObject({
  name: Id,
  title: z.string().min(1).max(128),
  description: z.string().max(4096).default(''),
  /** What somebody who can send such lines could pretend. */
  trust: z.string().max(4096).default(''),
  order: z.number().int().min(0).max(1000).default(100).describe('Lower is asked first.'),
  match: z.strictObject({
    app: z.array(z.string().min(1).max(64)).min(1).optional().describe('App names, in any case.'),
    starts: z.array(z.string().min(1).max(256)).min(1).optional(),
    pattern: Pattern.optional(),
    json: z.array(z.string().max(512)).min(1).optional().describe('All of them must be there.'),
    format: z.enum(['rfc5424', 'rfc3164', 'none']).optional(),
  }),
  unwrap: Pattern.optional().describe('RE2 with the groups text and count: a line that stands for several.'),
  properties: Properties,
  key: z
    .array(PropertyName)
    .min(1)
    .max(8)
    .optional()
    .describe('The record id: of equal ones the first counts.'),
  keyTime: PropertyName.optional().describe(
    'A moment that a record keeps however often it is sent, such as when it was made: ids grow with it.',
  ),
  events: z.array(EventMapping).min(1).max(500),
  tests: z.array(TypeTest).min(1).max(500),
});
export type LogSourceType = z.infer<typeof LogSourceType>;

function notKnown(what: string, name: string, names: readonly string[]): string {
  const near = closestWord(name, names);
  return `there is no ${what} "${name.slice(0, 64)}"${near === undefined ? '' : `; did you mean "${near}"?`}`;
}
