import type { z } from 'zod';
import type { ApplyDocument } from '#contract/apply-document.ts';
import { SYSTEM_ROUTES } from '#contract/routes/system-routes.ts';
import type { AppliedObject, ApplyResult } from '#contract/resources/apply-result.ts';
import { defineCommand } from '../command.ts';
import { readApplyFile } from '../input/apply-file.ts';
import type { Output } from '../output/output.ts';

export const applyCommand = defineCommand({
  name: 'apply',
  summary: 'Create and update users, groups, assets, grants and rules as a YAML file says: all or nothing.',
  options: {
    file: {
      kind: 'text',
      short: 'f',
      value: 'FILE',
      required: true,
      description: 'The file; - for standard input.',
    },
    dryRun: { kind: 'flag', description: 'Say what would be done, and change nothing.' },
  },
  async run({ options, io, output, api }) {
    const body = await readApplyFile(options.file, io);
    const result = await api.call(SYSTEM_ROUTES.apply, {
      query: { dryRun: options.dryRun ? 'true' : 'false' },
      // The server checks it against the schema and knows what exists; checking here too would only differ.
      body: body as z.input<typeof ApplyDocument>,
    });
    showApplied(result, options.dryRun, output);
  },
});

export function showApplied(result: ApplyResult, isDryRun: boolean, output: Output): void {
  const lines = (verb: string, objects: readonly AppliedObject[]): readonly string[] =>
    objects.map(({ kind, name }) => `${verb} ${kind} ${name}`);
  const { created, updated, unchanged } = result;
  output.show(result, [
    ...lines(output.good('created'), created),
    ...lines(output.caution('updated'), updated),
    `${created.length} created, ${updated.length} updated, ${unchanged.length} unchanged${isDryRun ? ' (dry run: nothing was changed)' : ''}`,
  ]);
}
