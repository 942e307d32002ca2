import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { ApplyDocument } from '#contract/apply-document.ts';
import { checkCommandRule } from '#domain/command/check-rule.ts';
import { compileCommandRules } from '#domain/command/compile-rules.ts';

const Examples = z.strictObject({
  denied: z.array(z.string()).min(10),
  allowed: z.array(z.string()).min(10),
});
const scope = { username: 'alice', groups: [], roles: [], asset: 'web01', account: 'root' };

const read = (name: string): unknown => parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
const shipped = readdirSync(new URL('.', import.meta.url)).filter(
  (name) => name.endsWith('.yaml') && !name.endsWith('.examples.yaml'),
);

describe.each(shipped)('%s', (file) => {
  const { commandRules } = ApplyDocument.parse(read(file));
  const examples = Examples.parse(read(file.replace(/\.yaml$/, '.examples.yaml')));

  it('compiles', () => {
    expect(commandRules.flatMap((rule) => checkCommandRule(rule))).toEqual([]);
  });

  const judge = compileCommandRules(commandRules, scope);
  it.each(examples.denied)('denies %s', (line) => {
    expect(judge.judge(line)).toMatchObject({ verdict: 'deny', rule: commandRules[0]?.name });
  });
  it.each(examples.allowed)('allows %s', (line) => {
    expect(judge.judge(line)).toMatchObject({ verdict: 'allow', rule: null });
  });
});

it('ships the three rule sets', () => {
  expect(shipped).toEqual(['no-audit-tampering.yaml', 'no-identity-change.yaml', 'no-power.yaml']);
});
