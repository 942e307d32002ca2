import { z } from 'zod';
import type { Route } from '../routes/route.ts';

/** A failure as one sentence and a word for programs. */
export const Failure = z.object({ detail: z.string(), code: z.string() });

/** What is wrong, by field; `non_field_errors` for the whole. Some calls say `error` in one sentence instead. */
export const BadRequest = z.union([
  z.record(z.string(), z.array(z.string())),
  z.object({ error: z.string() }),
]);

/** A call with documented answers of its own, besides success and what every call may answer. */
export interface RouteWithAnswers extends Route {
  readonly otherAnswers: Readonly<Record<number, z.ZodType>>;
}

export function hasOtherAnswers(route: Route): route is RouteWithAnswers {
  return 'otherAnswers' in route;
}
