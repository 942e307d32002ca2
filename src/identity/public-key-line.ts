import { err, ok, type Result } from '#lib/result.ts';
import { printable } from '#lib/printable.ts';
import { parsePublicKey, type KeyProblem, type PublicKey } from './public-keys.ts';

export interface NamedPublicKey extends PublicKey {
  /** The free text behind the key, safe to show, at most 128 characters. */
  readonly comment: string;
}

/** Reads one line of an OpenSSH `authorized_keys` or `.pub` file (sshd(8)). Options in front are refused, not ignored. */
export function parsePublicKeyLine(line: string): Result<NamedPublicKey, KeyProblem> {
  if (line.length > 16_384) return err('the line is too long');
  const [type = '', base64 = '', ...comment] = line.trim().split(/[ \t]+/, 64);
  if (/[\r\n]/.test(line.trim())) return err('expected one line: TYPE BASE64 [COMMENT], as in a .pub file');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) {
    return err('expected TYPE BASE64 [COMMENT], as in a .pub file, without options in front');
  }
  const parsed = parsePublicKey(Buffer.from(base64, 'base64'));
  if (!parsed.ok) return parsed;
  if (parsed.value.algorithm !== type)
    return err(`the line says ${printable(type, 64)}, the key is another type`);
  return ok({ ...parsed.value, comment: printable(comment.join(' '), 128) });
}
