/** Letters that names and ids are made of, and the three that must be escaped and may occur in account names. */
const SEGMENT = /^(?:[A-Za-z0-9_.$@:~-]|%24|%40|%5[Cc])+$/;

/** The longest part of a path between two slashes. */
export const MAX_SEGMENT_LENGTH = 256;

/**
 * Whether a request target is one that every part of the program reads alike. Anything that routers, proxies
 * and file systems read differently (`;`, `//`, `%2f`, `..`, encoded dots, control characters) is not, and is
 * answered like any other unknown path.
 */
export function isPlainPath(target: string): boolean {
  const path = target.split('?', 1)[0] ?? '';
  if (path === '/') return true;
  if (!path.startsWith('/') || path.length > 1024) return false;
  return path
    .slice(1)
    .replace(/\/$/, '')
    .split('/')
    .every(
      (segment) =>
        segment.length <= MAX_SEGMENT_LENGTH &&
        SEGMENT.test(segment) &&
        !/^\.+$/.test(segment) &&
        !segment.endsWith('.'),
    );
}

/**
 * Where a request target is answered: itself when it is a plain path, else a path that no route has, below the same
 * `prefix` of an API, so that each API refuses in its own words.
 */
export function answeredAt(target: string, prefixes: readonly string[]): string {
  if (isPlainPath(target)) return target;
  return `${prefixes.find((prefix) => target.startsWith(`${prefix}/`)) ?? ''}/-`;
}
