import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { EngineDatabase, EngineResult } from './engine-database.ts';
import { describeFailure, EngineError } from './engine-error.ts';
import { readBody } from './request-body.ts';
import { isAssignable, parseInsert } from './statement.ts';

interface HttpFaceOptions {
  readonly database: EngineDatabase;
  readonly username: string;
  readonly password: string;
  readonly version: string;
}

/** Part of the interface, not settings of the engine. */
const INTERFACE_KEYS = new Set(['query', 'query_id', 'database', 'default_format', 'wait_end_of_query']);
/** What a server has and one embedded engine does not: refused rather than ignored. */
const UNSUPPORTED_KEYS = new Set(['session_id', 'role', 'quota_key', 'decompress', 'compress']);

/** A connection that has not shown the password by then is closed. */
const UNKNOWN_CONNECTION_MS = 10_000;
const MOST_CONNECTIONS = 128;

const pack = promisify<Buffer | Uint8Array, { level: number }, Buffer>(gzip);

/**
 * The part of ClickHouse's HTTP interface (its manual, "HTTP Interface") that `@clickhouse/client` uses. The
 * server is not listening: connections are handed to it. Every request must carry the password, `/ping` too.
 */
export function createHttpFace(options: HttpFaceOptions): Server {
  const expected = digest(
    `Basic ${Buffer.from(`${options.username}:${options.password}`).toString('base64')}`,
  );
  const server = createServer({ maxHeaderSize: 64 * 1024, keepAliveTimeout: 30_000 }, (request, response) => {
    const authorized = timingSafeEqual(digest(request.headers.authorization ?? ''), expected);
    if (authorized) clearTimeout(unknown.get(request.socket));
    void (authorized ? answer(options, request, response) : refuse(options, request, response));
  });
  // The time limits of `node:http` need a listening server; silence is limited here instead.
  server.timeout = 120_000;
  const unknown = new WeakMap<Socket, NodeJS.Timeout>();
  let connections = 0;
  server.on('connection', (socket) => {
    connections += 1;
    if (connections > MOST_CONNECTIONS) socket.destroy();
    unknown.set(socket, setTimeout(() => socket.destroy(), UNKNOWN_CONNECTION_MS).unref());
    socket.on('close', () => {
      connections -= 1;
      clearTimeout(unknown.get(socket));
    });
  });
  return server;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function refuse(options: HttpFaceOptions, request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Connection', 'close');
  sendFailure(options, response, new EngineError(516, 'AUTHENTICATION_FAILED', 'Authentication failed.'));
  request.resume();
}

async function answer(
  options: HttpFaceOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) gone.abort(new Error('the client has gone'));
  });
  request.on('error', () => gone.abort(new Error('the client has gone')));
  try {
    const url = new URL(request.url ?? '/', 'http://engine');
    if (url.pathname === '/ping') {
      request.resume();
      response.end('Ok.\n');
      return;
    }
    if (url.pathname !== '/' || (request.method !== 'POST' && request.method !== 'GET'))
      throw new EngineError(48, 'NOT_IMPLEMENTED', 'Only / and /ping are served, by GET and POST.');
    const assignments = readAssignments(url.searchParams);
    const body = await readBody(request);
    const result = await execute(
      options.database,
      url.searchParams.get('query'),
      body,
      assignments,
      gone.signal,
    );
    await sendResult(request, response, url.searchParams.get('query_id'), assignments, result);
  } catch (error) {
    if (!request.complete) {
      response.setHeader('Connection', 'close');
      request.resume();
    }
    sendFailure(options, response, error);
  }
}

function readAssignments(query: URLSearchParams): ReadonlyMap<string, string> {
  const assignments = new Map<string, string>();
  for (const [name, value] of query) {
    if (INTERFACE_KEYS.has(name)) continue;
    if (UNSUPPORTED_KEYS.has(name) || !isAssignable(name))
      throw new EngineError(48, 'NOT_IMPLEMENTED', `The embedded engine does not support ${name}.`);
    assignments.set(name, value);
  }
  return assignments;
}

async function execute(
  database: EngineDatabase,
  statement: string | null,
  body: Buffer,
  assignments: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<EngineResult> {
  const insert = statement === null ? undefined : parseInsert(statement);
  if (insert !== undefined) return database.insert(insert, assignments, body);
  // As the interface has it: the statement is what the URL says, continued by the body.
  const sql = [statement ?? '', body.toString('utf8')].filter((part) => part !== '').join('\n');
  if (sql.trim() === '') throw new EngineError(62, 'SYNTAX_ERROR', 'Empty query.');
  return database.run(sql, assignments, signal);
}

async function sendResult(
  request: IncomingMessage,
  response: ServerResponse,
  queryId: string | null,
  assignments: ReadonlyMap<string, string>,
  result: EngineResult,
): Promise<void> {
  const summary = {
    read_rows: String(result.readRows),
    read_bytes: String(result.readBytes),
    written_rows: String(result.writtenRows),
    written_bytes: '0',
    result_rows: '0',
    result_bytes: String(result.body.length),
    total_rows_to_read: '0',
    elapsed_ns: String(Math.round(result.elapsedMs * 1e6)),
  };
  response.setHeader('X-ClickHouse-Summary', JSON.stringify(summary));
  response.setHeader('Content-Type', 'text/plain; charset=UTF-8');
  if (queryId !== null && /^[\w:.-]{1,128}$/.test(queryId))
    response.setHeader('X-ClickHouse-Query-Id', queryId);
  const packed =
    assignments.get('enable_http_compression') === '1' &&
    /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  if (packed) response.setHeader('Content-Encoding', 'gzip');
  response.end(packed ? await pack(result.body, { level: 1 }) : result.body);
}

function sendFailure(options: HttpFaceOptions, response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const { code, status, text } = describeFailure(error);
  response.statusCode = status;
  response.removeHeader('Content-Encoding');
  response.setHeader('X-ClickHouse-Exception-Code', String(code));
  response.setHeader('Content-Type', 'text/plain; charset=UTF-8');
  response.end(`${text} (version ${options.version} (embedded))\n`);
}
