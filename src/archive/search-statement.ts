import { PortcullisError } from '#contract/errors.ts';
import type { ArchiveQuery, SessionCountQuery } from './archive.ts';
import { EVENT_COLUMNS } from './event-row.ts';
import { EVENTS, TEXT, WORDS } from './schema.ts';
import { parseSearchText, type Term } from './search-text.ts';

export interface Statement {
  readonly sql: string;
  readonly params: Record<string, string | number | readonly string[]>;
}

/** More than this in one answer is an export, not a search. */
export const MOST_RESULTS = 10_000;

const MOST_COUNTED = 1_000;

/** UTF-16 units in one field of a search. */
const MOST_UNITS = 1_000;

/** The statement for a search. Its text depends on which fields are asked for, never on what they hold. */
export function searchStatement(query: ArchiveQuery): Statement {
  checkLengths(query);
  const conditions: string[] = [];
  const params: Statement['params'] = {};
  const require = (condition: string, name: string, value: string | number | readonly string[]): void => {
    conditions.push(condition);
    params[name] = value;
  };

  if (query.user !== undefined) require('lower(user) = {user:String}', 'user', key(query.user));
  if (query.asset !== undefined) require('lower(asset) = {asset:String}', 'asset', key(query.asset));
  if (query.session !== undefined) require('session = {session:String}', 'session', query.session);
  if (query.address !== undefined) require('address = {address:String}', 'address', query.address);
  if (query.id !== undefined) require('id = toUUIDOrZero({id:String})', 'id', query.id);
  if (query.realm !== undefined) require('realm = {realm:String}', 'realm', query.realm);
  if (query.type?.endsWith('.*') === true)
    require('startsWith(type, {type:String})', 'type', query.type.slice(0, -1));
  else if (query.type !== undefined) require('type = {type:String}', 'type', query.type);
  if (query.types !== undefined) require('has({types:Array(String)}, type)', 'types', query.types);
  if (query.exceptTypes !== undefined && query.exceptTypes.length > 0)
    require('NOT has({except:Array(String)}, type)', 'except', query.exceptTypes);
  if (query.sinceMs !== undefined) require('time >= {since:Int64}', 'since', moment(query.sinceMs));
  if (query.untilMs !== undefined) require('time < {until:Int64}', 'until', moment(query.untilMs));
  const terms = query.text === undefined ? [] : parseSearchText(query.text);
  for (const [index, term] of terms.entries()) requireTerm(require, index, term);

  params['limit'] = Math.min(MOST_RESULTS, Math.max(1, Math.trunc(query.limit) || 1));
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const sql = `SELECT ${EVENT_COLUMNS.join(', ')} FROM ${EVENTS} ${where} ORDER BY time DESC, position DESC LIMIT {limit:UInt32}`;
  return { sql, params };
}

/** The statement that counts events by session; at most 1,000 sessions, as their ids travel in the URL. */
export function countStatement({ sessions, types, sinceMs }: SessionCountQuery): Statement {
  return {
    sql: `SELECT session, count() AS events FROM ${EVENTS} WHERE session IN {sessions:Array(String)} AND has({types:Array(String)}, type) AND time >= {since:Int64} GROUP BY session`,
    params: { sessions: sessions.slice(0, MOST_COUNTED), types, since: moment(sinceMs) },
  };
}

function requireTerm(
  require: (condition: string, name: string, value: string | readonly string[]) => void,
  index: number,
  term: Term,
): void {
  const words = `words${index}`;
  const literal = `literal${index}`;
  if (term.words.length > 0) require(`hasAllTokens(${WORDS}, {${words}:Array(String)})`, words, term.words);
  if (term.literal === undefined) return;
  const position = term.unicode === true ? 'positionCaseInsensitiveUTF8' : 'position';
  require(`${position}(${TEXT}, {${literal}:String}) > 0`, literal, term.literal);
}

/** Any number as one that a time can be compared with. */
function moment(timeMs: number): number {
  return Math.ceil(Math.min(Number.MAX_SAFE_INTEGER, Math.max(Number.MIN_SAFE_INTEGER, timeMs)));
}

/** Parameters travel in the URL, which is bounded. */
function checkLengths(query: ArchiveQuery): void {
  const fields = ['text', 'user', 'type', 'session', 'asset', 'address', 'id', 'realm'] as const;
  const problems = fields
    .filter((field) => (query[field]?.length ?? 0) > MOST_UNITS)
    .map((path) => ({ path, message: `may have ${MOST_UNITS} characters` }));
  if (problems.length > 0)
    throw new PortcullisError('E_INPUT', 'What is searched for is too long.', { problems });
}

/** Names compare without case, in ASCII, as the engine's lower() does. */
function key(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
