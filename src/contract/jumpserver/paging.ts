import { z } from 'zod';

/** A list is an array as long as nobody asks for a part of it; `offset` alone asks for nothing. */
export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).optional(),
  offset: z.coerce.number().int().min(0).default(0),
});
export type PageQuery = z.infer<typeof PageQuery>;

export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({
    count: z.number().int(),
    next: z.string().nullable(),
    previous: z.string().nullable(),
    results: z.array(item),
  });

/** How many entries one answer has at most: with `limit`, and without. */
export const MOST_ON_PAGE = { 3: 10_000, 4: 1_000 } as const;
export const MOST_WITHOUT_PAGE = { 3: 10_000, 4: 200 } as const;

/** The addresses of the pages around this one, from the address that was asked for. */
export function neighbours(
  url: URL,
  page: { readonly offset: number; readonly limit: number; readonly count: number },
): { readonly next: string | null; readonly previous: string | null } {
  const { offset, limit, count } = page;
  const at = (start: number): string => {
    const other = new URL(url);
    other.searchParams.set('limit', String(limit));
    if (start > 0) other.searchParams.set('offset', String(start));
    else other.searchParams.delete('offset');
    return other.href;
  };
  return {
    next: offset + limit < count ? at(offset + limit) : null,
    previous: offset > 0 ? at(Math.max(0, offset - limit)) : null,
  };
}
