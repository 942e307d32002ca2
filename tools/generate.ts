/**
 * Writes the reference pages from the contract. With `--check` it writes nothing and fails when a page is not
 * what it would write.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiPage } from './reference/api-page.ts';
import { cliPage } from './reference/cli-page.ts';
import { configPage, configSchema } from './reference/config-page.ts';
import { errorsPage } from './reference/errors-page.ts';
import { eventsPage } from './reference/events-page.ts';

const folder = join(import.meta.dirname, '..', 'docs', 'reference');

/** Every generated file by name. */
export const PAGES: Readonly<Record<string, () => string>> = {
  'api.md': apiPage,
  'cli.md': cliPage,
  'config.md': configPage,
  'config.schema.json': configSchema,
  'errors.md': errorsPage,
  'events.md': eventsPage,
};

function existing(name: string): string | undefined {
  return readdirSync(folder, { withFileTypes: true }).some((entry) => entry.name === name)
    ? readFileSync(join(folder, name), 'utf8')
    : undefined;
}

if (import.meta.main) {
  const isCheck = process.argv.includes('--check');
  mkdirSync(folder, { recursive: true });
  const stale = Object.entries(PAGES).filter(([name, page]) => existing(name) !== page());
  if (!isCheck) for (const [name, page] of stale) writeFileSync(join(folder, name), page());
  for (const [name] of stale)
    console.log(
      isCheck ? `docs/reference/${name} is stale; run npm run generate` : `docs/reference/${name} written`,
    );
  if (isCheck && stale.length > 0) process.exitCode = 1;
}
