import { parse, type ParseError, type ParsedScript } from 'unbash';

/** Longer lines are not read at all: no person types them and no parser should be offered them. */
export const MAX_SOURCE_LENGTH = 65_536;

export interface ShellSyntax {
  readonly script: ParsedScript;
  /** The parser reported an error that more input would not mend. */
  readonly broken: boolean;
  /** The shell would ask for a further line. */
  readonly incomplete: boolean;
}

/**
 * Parses shell source (Bash 5.3 grammar; POSIX sh is a part of it). Never throws; a tree with errors holds
 * what could be recognised. Here-documents that are still open are found while the tree is walked.
 */
export function parseShell(source: string): ShellSyntax {
  const script = parse(source);
  const { broken, incomplete } = judgeErrors(script.errors, source);
  return { script, broken, incomplete: incomplete || endsInContinuation(source) };
}

/** Errors that a further line could mend: an open quote or bracket, or a word missing at the very end. */
export function judgeErrors(
  errors: readonly ParseError[] | undefined,
  source: string,
): { readonly broken: boolean; readonly incomplete: boolean } {
  if (errors === undefined || errors.length === 0) return { broken: false, incomplete: false };
  const end = lengthWithout(source, ' \t\r\n');
  const wantsMore = ({ message, pos }: ParseError): boolean =>
    message.startsWith('unterminated') || (message.startsWith('expected') && pos >= end);
  const open = errors.filter(wantsMore).length;
  return { broken: open < errors.length, incomplete: open > 0 };
}

/** An odd number of backslashes at the end joins the next line to this one. */
function endsInContinuation(source: string): boolean {
  return (source.length - lengthWithout(source, '\\')) % 2 === 1;
}

/** The length without the given characters at the end. A loop: a pattern would look from every place. */
export function lengthWithout(text: string, characters: string): number {
  let length = text.length;
  while (length > 0 && characters.includes(text.charAt(length - 1))) length -= 1;
  return length;
}
