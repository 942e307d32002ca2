import type { Version } from './shapes.ts';

/** Without a limit version 4 cuts the list in silence; the others give all of it. */
const DEFAULT_ROWS = 200;
const MOST_ROWS: Readonly<Record<Version, number>> = { 2: 10_000, 3: 10_000, 4: 1_000 };

export interface PagingOptions {
  readonly version: Version;
  /** `http://host:port`, for the links. */
  readonly origin: string;
  /** A server behind a careless proxy names another origin in its links. */
  readonly originOfLinks: string | null;
  /** An answer without pages although a limit was given. */
  readonly ignoresLimit: boolean;
  /** A server that always has one more page. */
  readonly isEndless: boolean;
}

/** A bare array without `limit`; with it a page that links the next. `offset` alone is ignored. */
export function page(items: readonly unknown[], url: URL, options: PagingOptions): unknown {
  const limitText = url.searchParams.get('limit');
  if (limitText === null || !/^[1-9]\d*$/.test(limitText) || options.ignoresLimit)
    return options.version === 4 ? items.slice(0, DEFAULT_ROWS) : items;
  const limit = Math.min(Number(limitText), MOST_ROWS[options.version]);
  const offset = Number(url.searchParams.get('offset') ?? '0');
  const link = (start: number): string => {
    const target = new URL(`${options.originOfLinks ?? options.origin}${url.pathname}`);
    for (const [key, value] of url.searchParams) target.searchParams.set(key, value);
    target.searchParams.set('limit', String(limit));
    target.searchParams.set('offset', String(start));
    return target.href;
  };
  if (options.isEndless)
    return { count: items.length, next: link(offset + 1), previous: null, results: items.slice(0, 1) };
  return {
    count: items.length,
    next: offset + limit < items.length ? link(offset + limit) : null,
    previous: offset > 0 ? link(Math.max(0, offset - limit)) : null,
    results: items.slice(offset, offset + limit),
  };
}
