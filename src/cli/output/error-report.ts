import { ERROR_CATALOGUE, isPortcullisError, type PortcullisError } from '#contract/errors.ts';
import type { Output } from './output.ts';

/** Tells what went wrong, each problem, and what to do; returns the exit code. */
export function reportError(error: unknown, output: Output, verbose: boolean): number {
  if (!isPortcullisError(error)) return reportDefect(error, output);
  const { code, message, problems } = error;
  const { help, exitCode } = ERROR_CATALOGUE[code];
  if (output.json) {
    output.note(JSON.stringify({ error: { code, message, problems } }));
    return exitCode;
  }
  output.note(`${output.bad(`portcullis: ${code}`)}: ${message}`);
  for (const { path, message: what } of problems) output.note(`  ${path === '' ? what : `${path}: ${what}`}`);
  if (!saysWhatToDo(error)) output.note(`  ${help}`);
  if (verbose && error.stack !== undefined) output.note(error.stack);
  return exitCode;
}

/** Messages that are the catalogue's own text, or list problems with their fix, need no second sentence. */
function saysWhatToDo({ code, message, problems }: PortcullisError): boolean {
  return message.includes(ERROR_CATALOGUE[code].help) || problems.length > 0 || code === 'E_USAGE';
}

function reportDefect(error: unknown, output: Output): number {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  output.note(`${output.bad('portcullis: E_INTERNAL')}: ${ERROR_CATALOGUE.E_INTERNAL.help}`);
  output.note(text);
  return ERROR_CATALOGUE.E_INTERNAL.exitCode;
}
