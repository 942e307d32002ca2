import type { z } from 'zod';
import type { Manner } from '#contract/jumpserver/manner.ts';
import type { Route } from '#contract/routes/route.ts';
import type { Call } from '../http/register-routes.ts';

/** A request in the dialect after authentication, authorisation and validation. */
export interface DialectCall<R extends Route> extends Call<R> {
  readonly manner: Manner;
}

/** A list of which only a part is shown, and whose parts cost something to show. */
export interface Listing<T> {
  readonly count: number;
  part(offset: number, limit: number): Promise<T[]>;
}

type Answer<T> = T extends readonly (infer Item)[] ? readonly Item[] | Listing<Item> : T;

/** One handler for each route of a group; a missing one does not compile. */
export type DialectHandlers<T extends Readonly<Record<string, Route>>> = {
  readonly [K in keyof T]: (call: DialectCall<T[K]>) => Promise<Answer<z.output<T[K]['response']>>>;
};

/** A refusal whose whole body is documented: 400 with these words. */
export class DialectRefusal extends Error {
  readonly body: Readonly<Record<string, string>>;

  constructor(body: Readonly<Record<string, string>>) {
    super(Object.values(body).join(' '));
    this.body = body;
  }
}
