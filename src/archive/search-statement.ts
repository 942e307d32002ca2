import type { ArchiveQuery } from './archive.ts';
import { EVENT_COLUMNS } from './event-row.ts';
import { EVENTS, WORDS } from './schema.ts';
import { parseSearchText, type Term } from './search-text.ts';

export interface Statement {
  readonly sql: string;
  readonly params: Record<string, string | number | readonly string[]>;
}

/** More than this in one answer is an export, not a search. */
export const MOST_RESULTS = 10_000;

/** The statement for a search. Its text depends on which fields are asked for, never on what they hold. */
export function searchStatement(query: ArchiveQuery): Statement {
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
  if (query.type?.endsWith('.*') === true)
    require('startsWith(type, {type:String})', 'type', query.type.slice(0, -1));
  else if (query.type !== undefined) require('type = {type:String}', 'type', query.type);
  if (query.sinceMs !== undefined) require('time >= {since:Int64}', 'since', Math.ceil(query.sinceMs));
  if (query.untilMs !== undefined) require('time < {until:Int64}', 'until', Math.ceil(query.untilMs));
  const terms = query.text === undefined ? [] : parseSearchText(query.text);
  for (const [index, term] of terms.entries()) requireTerm(require, index, term);

  params['limit'] = Math.min(MOST_RESULTS, Math.max(1, Math.trunc(query.limit)));
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const sql = `SELECT ${EVENT_COLUMNS.join(', ')} FROM ${EVENTS} ${where} ORDER BY time DESC, position DESC LIMIT {limit:UInt32}`;
  return { sql, params };
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
  require(`${position}(${WORDS}, {${literal}:String}) > 0`, literal, term.literal);
}

/** Names compare without case, in ASCII, as the engine's lower() does. */
function key(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
