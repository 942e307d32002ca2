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
  const errors = script.errors ?? [];
  const continued = endsInContinuation(source);
  return {
    script,
    broken: errors.some((error) => !wantsMore(error, source)),
    incomplete: continued || errors.some((error) => wantsMore(error, source)),
  };
}

/** Errors that a further line could mend: an open quote or bracket, or a word missing at the very end. */
export function wantsMore(error: ParseError, source: string): boolean {
  if (error.message.startsWith('unterminated')) return true;
  return error.message.startsWith('expected') && error.pos >= source.trimEnd().length;
}

/** An odd number of backslashes at the end joins the next line to this one. */
function endsInContinuation(source: string): boolean {
  const backslashes = /\\+$/.exec(source);
  return backslashes !== null && backslashes[0].length % 2 === 1;
}
