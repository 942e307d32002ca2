import { ERROR_CATALOGUE } from '#contract/errors.ts';
import { code, markdownPage, markdownTable } from './markdown.ts';

export function errorsPage(): string {
  return markdownPage('Errors', [
    'Every error that Portcullis reports has one of these codes; they are permanent. The API answers with `{"error": {"code", "message", "problems", "requestId"}}` and the HTTP status, the command line with the exit code (as in `sysexits.h`). `portcullis errors explain CODE` prints the same.',
    markdownTable(
      ['Code', 'HTTP', 'Exit', 'Try again', 'What it means, and what to do'],
      Object.entries(ERROR_CATALOGUE).map(([name, entry]) => [
        code(name),
        String(entry.status),
        String(entry.exitCode),
        entry.retryable ? 'yes' : 'no',
        entry.help,
      ]),
    ),
  ]);
}
