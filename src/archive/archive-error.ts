import { ClickHouseError } from '@clickhouse/client';
import { PortcullisError } from '#contract/errors.ts';
import { printable } from '#lib/printable.ts';

/** Numbers of ClickHouse's `ErrorCodes` that mean something to the person who searches. */
const TIMEOUT_EXCEEDED = '159';
const MEMORY_LIMIT_EXCEEDED = '241';
const TOO_MANY_QUERIES = '202';
const RESULT_TOO_LARGE = new Set(['396', '307']);

/** True when the engine gave no answer at all, so that what was asked may or may not have happened. */
export function isNoAnswer(error: unknown): boolean {
  return !(error instanceof ClickHouseError);
}

/** True when fewer events could be answered: what was found is too large, or needs too much memory. */
export function isTooMuch(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return (
    cause instanceof ClickHouseError &&
    (RESULT_TOO_LARGE.has(cause.code) || cause.code === MEMORY_LIMIT_EXCEEDED)
  );
}

/** What a failed search means and what to do about it. */
export function toArchiveError(error: unknown, timeoutMs: number): PortcullisError {
  return new PortcullisError('E_ARCHIVE', explain(error, timeoutMs), { cause: error });
}

function explain(error: unknown, timeoutMs: number): string {
  if (!(error instanceof ClickHouseError))
    return `The archive does not answer (${describeError(error)}). Events are kept in the stream; try again in a moment.`;
  if (error.code === TIMEOUT_EXCEEDED)
    return `The search took longer than ${timeoutMs / 1000} s and was stopped. Narrow it: a shorter time, a user, a type, a rarer word.`;
  if (error.code === MEMORY_LIMIT_EXCEEDED)
    return 'The search needs more memory than the archive engine may use. Narrow it, lower the limit, or raise archive.memory.';
  if (RESULT_TOO_LARGE.has(error.code))
    return 'The events found are too large to be answered at once. Lower the limit or narrow the search.';
  if (error.code === TOO_MANY_QUERIES) return 'Too many searches are running. Try again in a moment.';
  return `The archive refused the search: ${describeError(error)}`;
}

/** One line for logs and messages; the engine quotes data in its errors, so it is cut short. */
export function describeError(error: unknown): string {
  if (error instanceof ClickHouseError)
    return `${error.type ?? 'error'} ${error.code}: ${printable(error.message, 200)}`;
  if (!(error instanceof Error)) return printable(String(error), 200);
  const code = 'code' in error && typeof error.code === 'string' ? `${error.code}: ` : '';
  return code + printable(error.message, 200);
}
