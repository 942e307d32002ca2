import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ApplyDocument } from '#contract/apply-document.ts';
import { generateKey } from '#gateway/ssh/generate-key.ts';
import { cli, type CliBed, createCliBed } from './cli-bed.ts';

let bed: CliBed;
beforeAll(async () => {
  bed = await createCliBed();
  const key = generateKey('ed25519').public;
  const asset = (name: string, accounts: string) =>
    `{name: ${name}, address: 127.0.0.1, hostKeys: ['${key}'], accounts: [${accounts}]}`;
  await writeFile(
    join(bed.files, 'company.yaml'),
    `
users: [{username: alice}, {username: carol, roles: [user, auditor]}]
groups: [{name: developers, users: [alice, carol]}]
assets:
  - ${asset('web01', '{username: app}, {username: root}')}
  - ${asset('vault01', '{username: root}')}
grants:
  - {name: dev-web, groups: [developers], assets: [web01], accounts: [root], actions: [shell]}
  - {name: dev-vault, users: [alice], assets: [vault01], accounts: [root], actions: [exec], mode: strict}
commandRules:
  - {name: no-su, kind: program, patterns: [su, passwd], verdict: deny, accounts: [root]}
  - {name: auditors-look, kind: program, patterns: [rm], verdict: deny, roles: [auditor]}
  - {name: vault, kind: program, patterns: [ls], verdict: allow, assets: [vault01]}
`,
  );
  await bed.json('apply', '-f', 'company.yaml');
});
afterAll(() => bed[Symbol.asyncDispose]());

const tryLine = (line: string, ...options: readonly string[]) =>
  bed.run('command-rule', 'try', line, '--user', 'alice', '--asset', 'web01', ...options);

test('a line that is tried is shown with what decided, who is meant, what runs and how it is read', async () => {
  const { code, out } = await tryLine('sudo su -');
  expect(code).toBe(1);
  expect(out).toBe(
    [
      'line      sudo su -',
      '               ^^^^',
      'verdict   deny by no-su: su',
      'who       alice as root@web01, guard by grant dev-web',
      'runs      sudo su -',
      'runs      su -',
      'tree      command sudo su -',
      '',
    ].join('\n'),
  );
});

test('the account may be any, and what no grant permits is said', async () => {
  const { code, out } = await tryLine('su', '--account', 'app');
  expect(code).toBe(0);
  expect(out).toContain('who       alice as app@web01, which no grant permits; judged as under guard');
  const nobody = await bed.run('command-rule', 'try', 'ls', '--user', 'carol', '--asset', 'vault01');
  expect(nobody.code).toBe(64);
  expect(nobody.err).toContain('No grant gives carol an account of vault01');
  expect((await bed.run('command-rule', 'try', 'ls', '--user', 'alice', '--asset', 'nowhere')).code).toBe(66);
});

test('a strict grant is judged as strict, and roles count', async () => {
  const vault = (line: string) =>
    bed.run('command-rule', 'try', line, '--user', 'alice', '--asset', 'vault01');
  expect((await vault('ls')).out).toContain('verdict   allow by vault: ls');
  expect((await vault('ls; id')).out).toContain(
    '              ^^\nverdict   deny: id (Only commands on the list are allowed here.)',
  );
  expect((await tryLine('rm x')).code).toBe(0);
  const auditor = await bed.run('command-rule', 'try', 'rm x', '--user', 'carol', '--asset', 'web01');
  expect(auditor.out).toContain('verdict   deny by auditors-look: rm');
});

test('for programs everything is one object', async () => {
  const run = await tryLine('su | cat', '--json');
  expect(JSON.parse(run.out)).toMatchObject({
    line: 'su | cat',
    user: 'alice',
    account: 'root',
    permission: { grant: 'dev-web', mode: 'guard' },
    verdict: 'deny',
    rule: 'no-su',
    span: { start: 0, end: 2 },
    tree: { node: 'pipeline', children: [{ node: 'command', label: 'su' }, { label: 'cat' }] },
  });
});

test('the rules that are stored are checked, or those of a file without a server', async () => {
  const stored = await bed.run('command-rule', 'lint');
  expect(stored).toMatchObject({ code: 0, err: '' });
  expect(stored.out).toContain(
    'all rules together:\n    too little  What is decided only at run time passes.',
  );
  expect(stored.out).toContain('1 warning about 3 rules.\n');

  await writeFile(
    join(bed.files, 'text.yaml'),
    `
users: [{username: x, passwordFile: ./not-there}]
commandRules: [{name: t, kind: text, patterns: [rm, " ", /sbin/reboot], verdict: deny}]
`,
  );
  const file = await cli(['command-rule', 'lint', 'text.yaml'], { cwd: bed.files });
  expect(file).toMatchObject({ code: 0, err: '' });
  expect(file.out).toContain('rm  →  echo rm\n');
  expect(file.out).toContain(String.raw`rm  →  r\m`);
  expect(file.out).toContain('" "  →  ls -l\n');
  expect(file.out).toContain('/sbin/reboot  →  /sbin/reboot\n');
  const lines = (await cli(['command-rule', 'lint', 'text.yaml', '--json'], { cwd: bed.files })).out.split(
    '\n',
  );
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ rule: 't', code: 'as-argument', effect: 'too-much' });
  const clean = 'commandRules: [{name: p, kind: program, patterns: [su, "@dynamic"], verdict: deny}]';
  expect((await cli(['command-rule', 'lint', '-'], { input: clean })).out).toBe(
    'Nothing to say about 1 rule.\n',
  );
});

test('rules that are not valid are told before anything is said about them', async () => {
  const wrong = `commandRules:
    - {name: a, kind: regex, patterns: ["("], verdict: deny}
    - {name: b, kind: program, patterns: ["a; b"], verdict: deny, users: []}`;
  const { code, err } = await cli(['command-rule', 'lint', '-'], { input: wrong });
  expect(code).toBe(65);
  for (const path of [
    'commandRules[0].patterns[0]: ',
    'commandRules[1].patterns[0]: ',
    'commandRules[1]: names neither',
  ])
    expect(err).toContain(path);
  const unknown = await cli(['command-rule', 'lint', '-'], {
    input: 'commandRules: [{name: a, colour: red}]',
  });
  expect(unknown.err).toContain('commandRules[0].colour: is not known');
});

test('who stores a rule through the API learns what it does that may not be meant', async () => {
  const rule = { name: 'text', kind: 'text', patterns: ['ls'], verdict: 'allow' };
  const answer = await bed.bed.local('PUT', '/v1/command-rules/text', rule);
  expect(answer).toMatchObject({ status: 200, body: { name: 'text', users: ['*'], priority: 50 } });
  const warnings = answer.body['warnings'] as { code: string; examples: { line: string }[] }[];
  expect(warnings.find(({ code }) => code === 'opens-line')?.examples[0]?.line).toBe('ls; reboot');
  expect((await bed.bed.local('GET', '/v1/command-rules/text')).body).not.toHaveProperty('warnings');
  await bed.run('command-rule', 'delete', 'text');
});

const HOSTILE = ['yes', '- x: y', '"\'', '#!/bin/sh', ': a', '*x', '\u0007bell', 'é'];
const exported = {
  command_groups: [
    {
      id: 'g',
      name: 'shutdown\n\u001B[31m',
      type: { value: 'command' },
      content: HOSTILE.join('\n'),
      ignore_case: true,
    },
  ],
  command_filter_acls: [
    {
      id: 'a',
      name: 'prod',
      action: { value: 'review' },
      priority: 7,
      is_active: true,
      users: { type: 'all' },
      assets: { type: 'all' },
      accounts: ['@ALL'],
      command_groups: [{ id: 'g' }],
      reviewers: [],
    },
  ],
};

test('the filters of a JumpServer become YAML that apply takes as it is', async () => {
  await writeFile(join(bed.files, 'export.json'), JSON.stringify(exported));
  const run = await cli(['command-rule', 'import', '--jumpserver', 'export.json'], { cwd: bed.files });
  expect(run.code).toBe(0);
  expect(run.err).toContain('warning  ACL "prod"');
  expect(run.out + run.err).not.toContain('\u001B');
  expect(run.out).toContain('# nobody can be asked for a review here, so it is denied\n');
  const { commandRules } = ApplyDocument.parse(parse(run.out));
  expect(commandRules).toMatchObject([
    { name: 'jumpserver-prod', priority: 7, verdict: 'deny', patterns: HOSTILE },
  ]);
  await writeFile(join(bed.files, 'imported.yaml'), run.out);
  expect((await bed.run('apply', '-f', 'imported.yaml')).out).toContain(
    'created command-rule jumpserver-prod\n',
  );
  const again = await bed.run('command-rule', 'import', '--jumpserver', 'export.json', '--apply');
  expect(again.out).toBe('0 created, 0 updated, 1 unchanged\n');
});

test('what would open access stops the import, and every reason is told', async () => {
  const [acl] = exported.command_filter_acls;
  await writeFile(
    join(bed.files, 'wide.json'),
    JSON.stringify({
      ...exported,
      command_filter_acls: [
        { ...acl, id: 'b', name: 'first', action: 'accept', accounts: ['@USER'] },
        { ...acl, id: 'c', name: 'second', action: 'nonsense' },
      ],
    }),
  );
  const run = await bed.run('command-rule', 'import', '--jumpserver', 'wide.json', '--apply');
  expect(run).toMatchObject({ code: 65, out: '' });
  expect(run.err).toContain('ACL "first"');
  expect(run.err).toContain('ACL "second"');
  expect((await bed.json('command-rule', 'list')).map((one) => one['name'])).not.toContain(
    'jumpserver-first',
  );
});

test.each([
  ['no JSON', '{', 'is not valid JSON'],
  ['nothing to import', '{"command_groups": [], "command_filter_acls": []}', 'There are no command filters'],
  ['more than the limit', ' '.repeat(17 * 1024 * 1024), 'is larger than 16 MiB'],
])('an export with %s is refused', async (_what, text, why) => {
  await writeFile(join(bed.files, 'odd.json'), text);
  const argv = ['command-rule', 'import', '--jumpserver'];
  for (const run of [
    await cli([...argv, 'odd.json'], { cwd: bed.files }),
    await cli([...argv, '-'], { input: text }),
  ]) {
    expect(run.code).toBe(65);
    expect(run.err).toContain(why);
  }
  expect((await cli(['command-rule', 'import'])).code).toBe(64);
});

test('the guide shows what is really printed', async () => {
  const guide = await readFile(new URL('../../docs/guides/command-rules.md', import.meta.url), 'utf8');
  const indented = (text: string): string => text.trimEnd().replaceAll(/^/gm, '    ');
  expect(guide).toContain(`$ portcullis command-rule try 'sudo su -' --user alice --asset web01\n`);
  expect(guide).toContain(indented((await tryLine('sudo su -')).out));
  const rule = /That was the rule `(.+?)`/s.exec(guide)?.[1] ?? '';
  const lint = await cli(['command-rule', 'lint', '-'], { input: `commandRules: [${rule}]` });
  expect(guide).toContain(indented(lint.out));
});
