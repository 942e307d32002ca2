import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { ApplyDocument } from '#contract/apply-document.ts';
import { compileCommandRules } from '#domain/command/compile-rules.ts';
import { definitionsAfter, NO_DEFINITIONS } from '#domain/command/definitions.ts';
import type { CommandJudgement } from '#domain/command/verdict.ts';

/** One line, or the lines of a session, of which the last may be stopped or one before it. */
const Lines = z.union([z.string().transform((line) => [line]), z.array(z.string())]);
/** What must be stopped by the shipped rules, and its innocent twin that must pass. */
const Pairs = z.array(z.strictObject({ stop: Lines, pass: Lines }));
const Numbers = z.strictObject({
  pairs: z.number(),
  /** Not denied, and nothing in the reading says that it might be more than it seems. */
  missedSilently: z.number(),
  /** Not denied, but said to be dynamic or not understood, so a rule can stop it. */
  missedButRaised: z.number(),
  falseDenied: z.number(),
});

const here = (name: string): URL => new URL(name, import.meta.url);
const load = (name: URL): unknown => parse(readFileSync(name, 'utf8'));
const yamlIn = (folder: URL): readonly string[] => readdirSync(folder).filter((name) => name.endsWith('.yaml'));

const rulesFolder = new URL('../../../content/command-rules/', import.meta.url);
const rules = yamlIn(rulesFolder)
  .filter((name) => !name.endsWith('.examples.yaml'))
  .flatMap((name) => ApplyDocument.parse(load(new URL(name, rulesFolder))).commandRules);
const judge = compileCommandRules(rules, { username: 'alice', groups: [], roles: [], asset: 'web01', account: 'root' });

/** Runs the lines of a session until one is denied, an unfinished one with the next; gives the judgements. */
function judgeLines(lines: readonly string[]): readonly CommandJudgement[] {
  const judgements: CommandJudgement[] = [];
  let definitions = NO_DEFINITIONS;
  let unfinished = '';
  for (const line of lines) {
    const judgement = judge.judge(unfinished + line, definitions);
    judgements.push(judgement);
    if (judgement.verdict === 'deny') break;
    unfinished = judgement.reading.incomplete ? `${unfinished}${line}\n` : '';
    if (unfinished === '') definitions = definitionsAfter(definitions, judgement.reading);
  }
  return judgements;
}

it('stops the forbidden and lets the innocent pass, at least as well as the committed numbers', () => {
  const committed = Numbers.parse(JSON.parse(readFileSync(here('numbers.json'), 'utf8')));
  const shown = { silent: [] as string[], raised: [] as string[], falseDenied: [] as string[] };
  let pairs = 0;
  for (const file of yamlIn(here('.'))) {
    for (const { stop, pass } of Pairs.parse(load(here(file)))) {
      pairs += 1;
      const stopped = judgeLines(stop);
      if (stopped.at(-1)?.verdict !== 'deny') {
        const raised = stopped.some(({ reading }) => reading.dynamic || reading.unparsable);
        shown[raised ? 'raised' : 'silent'].push(`${file}: ${stop.join(' ⏎ ').slice(0, 100)}`);
      }
      if (judgeLines(pass).some(({ verdict }) => verdict !== 'allow'))
        shown.falseDenied.push(`${file}: ${pass.join(' ⏎ ').slice(0, 100)}`);
    }
  }
  const numbers = {
    pairs,
    missedSilently: shown.silent.length,
    missedButRaised: shown.raised.length,
    falseDenied: shown.falseDenied.length,
  };
  console.log(JSON.stringify(numbers), JSON.stringify(shown, undefined, 2));
  expect(numbers.pairs).toBeGreaterThanOrEqual(committed.pairs);
  expect(numbers.missedSilently).toBeLessThanOrEqual(committed.missedSilently);
  expect(numbers.missedButRaised).toBeLessThanOrEqual(committed.missedButRaised);
  expect(numbers.falseDenied).toBeLessThanOrEqual(committed.falseDenied);
});
