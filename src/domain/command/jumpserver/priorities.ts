const LOWEST = 1;
const HIGHEST = 100;

/**
 * Priorities of ours for those of JumpServer, in the same order: as they are where they fit, else at the ends,
 * else numbered anew. Undefined when there are more of them than we have.
 */
export function mapPriorities(priorities: readonly number[]): ReadonlyMap<number, number> | undefined {
  const distinct = [...new Set(priorities)].toSorted((left, right) => left - right);
  const clamped = distinct.map((one) => Math.min(HIGHEST, Math.max(LOWEST, one)));
  const isInOrder = new Set(clamped).size === distinct.length;
  if (!isInOrder && distinct.length > HIGHEST) return undefined;
  return new Map(distinct.map((one, index) => [one, isInOrder ? (clamped[index] ?? one) : index + 1]));
}
