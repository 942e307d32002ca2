import type { Problem } from '#contract/errors.ts';
import { parsePublicKeyLine } from '#identity/public-key-line.ts';
import { newId } from '#lib/ids.ts';
import type { HostKey } from '#state/asset-writer.ts';
import type { NewUserKey } from '#state/user-writer.ts';

/** Reads lines of `.pub` files; each line that is none is a problem at its place. The same key twice is one key. */
export function readPublicKeys(
  lines: readonly string[],
  path: string,
): { readonly keys: readonly NewUserKey[]; readonly problems: readonly Problem[] } {
  const keys = new Map<string, NewUserKey>();
  const problems: Problem[] = [];
  lines.forEach((line, index) => {
    const parsed = parsePublicKeyLine(line);
    if (!parsed.ok) {
      problems.push({ path: `${path}[${index}]`, message: parsed.error });
      return;
    }
    const { algorithm, fingerprint, blob, comment } = parsed.value;
    keys.set(fingerprint, {
      id: newId(),
      algorithm,
      fingerprint,
      blob: blob.toString('base64'),
      comment,
    });
  });
  return { keys: [...keys.values()], problems };
}

/** Reads host keys as `ssh-keyscan` prints them, with or without the host in front. */
export function readHostKeys(
  lines: readonly string[],
  path: string,
): { readonly keys: readonly HostKey[]; readonly problems: readonly Problem[] } {
  const keys = new Map<string, HostKey>();
  const problems: Problem[] = [];
  lines.forEach((line, index) => {
    const words = line.trim().split(/[ \t]+/);
    const from = words.findIndex((word) => /^(ssh|ecdsa|sk)-[a-z0-9@.-]+$/.test(word));
    const parsed = parsePublicKeyLine(words.slice(Math.min(Math.max(from, 0), 1)).join(' '));
    if (!parsed.ok) problems.push({ path: `${path}[${index}]`, message: parsed.error });
    else {
      const { algorithm, blob } = parsed.value;
      keys.set(blob.toString('base64'), { algorithm, blob: blob.toString('base64') });
    }
  });
  return { keys: [...keys.values()], problems };
}
