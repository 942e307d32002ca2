/** What every path of the dialect begins with. */
export const PREFIX = '/api/v1';

/** Below the prefix, with the slash at the end that is documented and without the one that people forget. */
export function urlsOf(path: string): readonly string[] {
  const below = path.slice(PREFIX.length);
  return [below, below.replace(/\/$/, '')];
}
