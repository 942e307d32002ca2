import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { COMMANDS } from '#cli/commands/commands.ts';
import { cli } from './cli-bed.ts';

const run = promisify(execFile);
const BIN = join(import.meta.dirname, '..', '..', 'bin', 'portcullis');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-cli-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(COMMANDS.map((command) => [command.path.join(' ')]))('%s has help', async (name) => {
  const { code, out } = await cli([...name.split(' '), '--help']);
  expect(code).toBe(0);
  expect(out).toContain(`portcullis ${name}`);
  expect(out).toContain('--json');
});

test.each([
  [['usr', 'list'], "unknown command 'usr'"],
  [['user', 'lst'], 'Did you mean list?'],
  [['user', 'show'], "missing required argument 'USERNAME'"],
  [['user', 'show', 'a', 'b'], 'too many arguments'],
  [['user', 'list', '--jsn'], 'unknown option'],
  [['token', 'create'], "required option '--user <NAME>'"],
])('%s is told as a slip, exit 64', async (argv, message) => {
  const { code, err } = await cli(argv);
  expect(code).toBe(64);
  expect(err).toContain(message);
});

test('without a command the help is shown, and it is a slip', async () => {
  const { code, err } = await cli([]);
  expect(code).toBe(64);
  expect(err).toContain('serve');
  expect((await cli(['user'])).code).toBe(64);
});

test('serve is handed to the composition root with what it needs', async () => {
  expect(await cli(['serve', '--config', 'c.yaml', '--json'])).toMatchObject({
    code: 42,
    out: 'served c.yaml undefined true\n',
  });
});

test('the configuration is checked as serve would, all mistakes at once, exit 78', async () => {
  const file = join(folder, 'portcullis.yaml');
  await writeFile(file, 'ssh: {listn: []}\nlimits: {idle: never}');
  const bad = await cli(['config', 'check', '--config', file]);
  expect(bad.code).toBe(78);
  expect(bad.err).toContain('ssh.listn: is not known; did you mean "listen"?');
  expect(bad.err).toContain('limits.idle: must be a number with a unit');
  await writeFile(file, 'http: {listen: ["0.0.0.0:8080"]}');
  const warned = await cli(['config', 'check', '--config', file]);
  expect(warned.code).toBe(0);
  expect(warned.out).toContain('warning  http.tls');
});

test('an error code is explained', async () => {
  expect((await cli(['errors', 'explain', 'e_config'])).out).toContain('exit code 78');
  expect((await cli(['errors', 'explain', 'E_CONFIGG'])).err).toContain('did you mean E_CONFIG?');
});

test('shipped rules pass their own tests, without a server', async () => {
  const list = await cli(['rule', 'list'], { cwd: folder });
  expect(list.out).toContain('Rejected privileged command');
  const { code, out } = await cli(
    ['rule', 'test', join(import.meta.dirname, '..', '..', 'content', 'rules')],
    { cwd: folder },
  );
  expect(code).toBe(0);
  expect(out).toMatch(/\d+ passed, 0 failed\n$/);
});

test('a rule that fails its test, or is none, ends with 65 and the place', async () => {
  const file = join(folder, 'rule.yml');
  await writeFile(file, 'title: x\nlogsource: {product: portcullis}\ndetection: {a: {type: tick}}\n');
  const broken = await cli(['rule', 'test', file]);
  expect(broken.code).toBe(65);
  expect(broken.err).toContain('rule.yml');
});

test('tables are cut to the terminal, coloured only there, and never wider than they say', async () => {
  const plain = await cli(['errors', 'list']);
  const narrow = await cli(['errors', 'list'], { isTerminal: true, columns: 60 });
  const dull = await cli(['errors', 'list'], { isTerminal: true, columns: 60, env: { NO_COLOR: '1' } });
  expect(plain.out).not.toContain('\u001B');
  expect(narrow.out).toContain('\u001B[1m');
  expect(dull.out).not.toContain('\u001B');
  expect(Math.max(...dull.out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(60);
});

test('the launcher works from anywhere, through links, with the Node of the project', async () => {
  const link = join(folder, 'gate');
  const second = join(folder, 'other');
  await symlink(BIN, link);
  await symlink('gate', second);
  for (const name of [BIN, link, second]) {
    const { stdout } = await run(name, ['--version'], { cwd: '/', env: { PATH: '/usr/bin:/bin' } });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  }
});
