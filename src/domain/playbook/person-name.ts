/**
 * The user name in what people and JumpServer write: `alice`, or `Alice Li(alice)`, where the last brackets
 * hold it. For values that an authenticated person gives; what was typed at a login is never read so.
 */
export function usernameIn(text: string): string {
  return /^.*\(([^()]+)\)$/su.exec(text)?.[1] ?? text;
}
