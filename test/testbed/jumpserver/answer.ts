/** What is answered, before anything goes wrong on the way. */
export class Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) {
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

export const FORBIDDEN = new Answer(403, {
  detail: 'You do not have permission to perform this action.',
  code: 'permission_denied',
});

export function notFound(what: string): Answer {
  return new Answer(404, { detail: `${what} object does not exist.`, code: 'object_does_not_exist' });
}

export function methodNotAllowed(method: string): Answer {
  return new Answer(405, { detail: `Method "${method}" not allowed.`, code: 'method_not_allowed' });
}
