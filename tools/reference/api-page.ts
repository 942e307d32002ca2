import { parameters, schemaOf } from '#contract/routes/openapi.ts';
import { type Route, takesBody } from '#contract/routes/route.ts';
import { ROUTES } from '#contract/routes/routes.ts';
import { code, markdownPage, markdownTable } from './markdown.ts';

interface Field {
  readonly name: string;
  readonly required: boolean;
  readonly schema: Readonly<Record<string, unknown>>;
}

export function apiPage(): string {
  const tags = Map.groupBy(Object.entries<Route>(ROUTES), ([, route]) => route.tag);
  return markdownPage('API', [
    'JSON over HTTP, described for programs at `/openapi.json` and to try at `/docs`. Requests carry `Authorization: Bearer TOKEN` (`portcullis token create --user NAME`); on the socket `admin.sock` in the data folder no token is needed, because whoever can open it owns the server. Every request is checked anew: token, login rules, locks, role. Somebody else’s object answers like one that does not exist. Times are epoch milliseconds. Errors are described on [their page](errors.md).',
    ...[...tags].flatMap(([tag, routes]) => [
      `## ${tag.charAt(0).toUpperCase()}${tag.slice(1)}`,
      ...routes.flatMap(([id, route]) => operation(id, route)),
    ]),
    '## Without the contract',
    markdownTable(
      ['Path', 'What it is'],
      [
        [
          '`GET /metrics`',
          'Measurements for Prometheus: on the same machine without a token, else for the roles admin, responder, auditor.',
        ],
        ['`GET /openapi.json`, `GET /docs`', 'This page for programs, and to try out.'],
        ['`/recover/…`, `/setup/…`', 'Pages behind one-time links.'],
      ],
    ),
  ]);
}

function operation(id: string, route: Route): readonly string[] {
  const callers = route.callers === 'anybody' ? 'anybody' : route.callers.join(', ');
  const query = fieldsOf(parameters(route.query, 'query'));
  const body = takesBody(route) ? bodyFields(route) : [];
  return [
    `### ${route.method} ${route.path.replaceAll(/:(\w+)/g, '{$1}')}`,
    `${route.summary} For: ${callers}. Operation ${code(id)}, answers ${route.status}${route.stream === null ? '' : ` with ${code(route.stream)}`}.`,
    ...(query.length === 0 ? [] : [fieldTable('Query', query)]),
    ...(body.length === 0 ? [] : [fieldTable('Body', body)]),
  ];
}

function bodyFields(route: Route): readonly Field[] {
  const schema = schemaOf(route.body, 'input') as {
    readonly properties?: Readonly<Record<string, Field['schema']>>;
    readonly required?: readonly string[];
  };
  return Object.entries(schema.properties ?? {}).map(([name, field]) => ({
    name,
    required: schema.required?.includes(name) ?? false,
    schema: field,
  }));
}

function fieldsOf(list: readonly Readonly<Record<string, unknown>>[]): readonly Field[] {
  return list as unknown as readonly Field[];
}

function fieldTable(title: string, fields: readonly Field[]): string {
  return markdownTable(
    [title, 'Type', 'Default'],
    fields.map(({ name, required, schema }) => [
      `${code(name)}${required ? ' (required)' : ''}`,
      typeText(schema),
      schema['default'] === undefined ? '' : code(JSON.stringify(schema['default'])),
    ]),
  );
}

function typeText(schema: Readonly<Record<string, unknown>>): string {
  const { type, enum: choices, anyOf, items } = schema;
  if (Array.isArray(choices)) return choices.map((one) => code(String(one))).join(', ');
  if (Array.isArray(anyOf))
    return [...new Set(anyOf.map((one) => typeText(one as Readonly<Record<string, unknown>>)))].join(' or ');
  if (type === 'array' && typeof items === 'object' && items !== null)
    return `list of ${typeText(items as Readonly<Record<string, unknown>>)}`;
  return typeof type === 'string' ? type : 'any';
}
