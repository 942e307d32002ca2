import type { CommandRuleInput } from '#contract/resources/command-rule.ts';
import { checkCommandRule } from '../check-rule.ts';
import { isPlain, Probe, programNames } from './probe.ts';
import type { Finding } from './finding.ts';

type Kind = CommandRuleInput['kind'];

/** A program name as people type it, with its arguments. */
const PROGRAM_LINE = /^[a-z_][a-z0-9_.+-]*( .*)?$/;
/** Words that begin a statement of SQL as readily as a command. */
const SQL = /^(select|insert|update|delete|drop|alter|create|grant|revoke|truncate|merge|call|exec)\b/;

/** What a pattern that is searched for in the text of the line stops, and what it misses. */
export function lineFindings(
  { kind, verdict }: Pick<CommandRuleInput, 'kind' | 'verdict'>,
  pattern: string,
  sample: string,
  probe: Probe,
): readonly Finding[] {
  return [
    ...tooMuch(probe, sample),
    ...(verdict === 'allow' ? opensLine(kind, pattern, sample) : []),
    ...tooLittle(probe, sample, verdict),
    ...(verdict === 'allow' ? [] : betterAsProgram(kind, pattern, sample, probe)),
  ];
}

function tooMuch(probe: Probe, sample: string): readonly Finding[] {
  const meant = programNames(sample);
  /** Hit, and none of what the sample runs is run. */
  const isInnocent = (line: string): boolean =>
    probe.hits(line) && isPlain(line) && [...programNames(line)].every((name) => !meant.has(name));
  const mention = /^[\w./ -]+$/.test(sample) ? `echo ${sample}` : `echo '${sample.replaceAll("'", '"')}'`;
  const longer = [`${sample}-x`, `${sample}x`, `x${sample}`, `x-${sample}`].find(isInnocent);
  return [
    ...(isInnocent(mention) ? [{ code: 'as-argument', line: mention } as const] : []),
    ...(longer === undefined ? [] : [{ code: 'part-of-word', line: longer } as const]),
  ];
}

function tooLittle(probe: Probe, sample: string, verdict: CommandRuleInput['verdict']): readonly Finding[] {
  const places = [sample, `sudo ${sample}`, `true; ${sample}`, `(${sample})`, `${sample}; true`];
  if (!places.some((line) => probe.hits(line))) {
    if (!probe.hits(`x${sample}`)) return [];
    const missed = [...places, `echo a ${sample} f`].find((line) => isPlain(line) && !probe.hits(line));
    return missed === undefined ? [] : [{ code: 'needs-word-before', line: missed }];
  }
  const [name = ''] = sample.split(' ');
  // Only what plainly runs the program can be said to be missed; what an allow rule misses is not harmed.
  if (verdict === 'allow' || !programNames(sample).has(name)) return [];
  const isMissed = (line: string): boolean => !probe.hits(line) && programNames(line).has(name);
  const place = places.find(isMissed);
  const position: readonly Finding[] = place === undefined ? [] : [{ code: 'position', line: place }];
  if (place === sample || !PROGRAM_LINE.test(sample)) return position;
  const spellings = otherSpellings(sample).filter(isMissed);
  return [...position, ...spellings.map((line) => ({ code: 'other-spellings', line }) as const)];
}

/** Lines that run the same, written otherwise. */
function otherSpellings(sample: string): readonly string[] {
  const [first = '', ...others] = sample;
  const rest = others.join('');
  const hex = first.charCodeAt(0).toString(16);
  const end = rest.search(/ |$/);
  return [`${first}''${rest}`, `${first}\\${rest}`, `$'\\x${hex}${rest.slice(0, end)}'${rest.slice(end)}`];
}

/** The hole of allow-lists over text: the word stands somewhere, so the whole line may run. */
function opensLine(kind: Kind, pattern: string, sample: string): readonly Finding[] {
  const probe = new Probe({ kind, patterns: [pattern] }, 'allow');
  const line = [sample, `x${sample}`]
    .map((start) => `${start}; ${sample.includes('reboot') ? 'su' : 'reboot'}`)
    .find((one) => probe.hits(one) && isPlain(one) && programNames(one).size > 1);
  return line === undefined ? [] : [{ code: 'opens-line', line }];
}

/** The same words as a rule about programs do better: the line shown is one that only that rule stops. */
function betterAsProgram(kind: Kind, pattern: string, sample: string, probe: Probe): readonly Finding[] {
  if (!PROGRAM_LINE.test(sample) || SQL.test(sample) || !spellsOut(kind, pattern, sample)) return [];
  const asProgram = { kind: 'program', patterns: [sample] } as const;
  if (checkCommandRule(asProgram).length > 0) return [];
  const other = new Probe(asProgram);
  const line = otherSpellings(sample).find((one) => other.hits(one) && !probe.hits(one));
  return line !== undefined && other.hits(sample) && !other.hits(`echo ${sample}`)
    ? [{ code: 'program-kind', line }]
    : [];
}

/** The pattern is nothing but the words of the sample, with boundaries and blanks written as regex. */
function spellsOut(kind: Kind, pattern: string, sample: string): boolean {
  if (kind === 'text') return true;
  const words = pattern
    .replace(/^\(\?i\)/, '')
    .replaceAll(/\\b|^\^|\$$/g, '')
    .replaceAll(/\\s[+*]?|\[ \][+*]?/g, ' ')
    .replaceAll(/\\([^\w\s])/g, '$1');
  return words.trim().replaceAll(/ +/g, ' ') === sample;
}
