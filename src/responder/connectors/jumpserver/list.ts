import type { z } from 'zod';
import { ConnectorError } from '../connector-error.ts';
import type { ApiCall, ApiClient } from './client.ts';
import { readAs } from './shapes.ts';

const PAGE_ROWS = 100;
const MOST_PAGES = 100;

/**
 * Every item of a list, whichever way the server pages. The next page is asked for by offset at the address that
 * is configured; the link that the server gives is not followed, so it cannot lead a credential elsewhere.
 * Throws ConnectorError, also for a list without end: half a list must not be taken for all.
 */
export async function listAll<T extends z.ZodType>(
  client: ApiClient,
  schema: T,
  asked: Pick<ApiCall, 'path' | 'query' | 'organisation' | 'signal'>,
): Promise<readonly z.infer<T>[]> {
  const items: z.infer<T>[] = [];
  for (let number = 0; number < MOST_PAGES; number++) {
    const query = { ...asked.query, limit: String(PAGE_ROWS), offset: String(items.length) };
    const { body } = await client.call({ ...asked, method: 'GET', query, isLook: true });
    const { rows, isLast } = readPage(body, asked.path);
    for (const row of rows) items.push(readAs(schema, row, asked.path));
    if (isLast) return items;
  }
  throw new ConnectorError('protocol', `${asked.path} has more than ${MOST_PAGES} pages`);
}

function readPage(
  body: unknown,
  what: string,
): { readonly rows: readonly unknown[]; readonly isLast: boolean } {
  if (Array.isArray(body)) return { rows: body as readonly unknown[], isLast: true };
  if (typeof body === 'object' && body !== null && 'results' in body && Array.isArray(body.results)) {
    const rows = body.results as readonly unknown[];
    const hasNext = 'next' in body && body.next !== null && body.next !== undefined && body.next !== '';
    return { rows, isLast: !hasNext || rows.length === 0 };
  }
  throw new ConnectorError('protocol', `${what} is neither a list nor a page`);
}
