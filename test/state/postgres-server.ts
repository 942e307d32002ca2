import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { findProgram } from '#main/demo/programs.ts';

const run = promisify(execFile);
/** PostgreSQL refuses to run as root; `nobody` exists everywhere. */
const NOBODY = 65_534;

/** A PostgreSQL server to test on: the one in PORTCULLIS_TEST_POSTGRES_URL, or one of our own in a temporary folder. */
export interface PostgresServer extends AsyncDisposable {
  /** Makes an empty database and returns its URL. */
  newDatabase(): Promise<string>;
}

/** Undefined, with the reason printed, when there is no server and none can be started. */
export async function findPostgres(): Promise<PostgresServer | undefined> {
  const given = process.env['PORTCULLIS_TEST_POSTGRES_URL'];
  if (given !== undefined) {
    return { newDatabase: () => createDatabase(given), [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const program = findProgram('postgres');
  if (program === undefined) {
    console.log('PostgreSQL is not tested: no `postgres` here and PORTCULLIS_TEST_POSTGRES_URL is not set');
    return undefined;
  }
  return startPostgres(program);
}

async function startPostgres(program: string): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-pg-'));
  const identity = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  if (identity.uid !== undefined) await chown(folder, identity.uid, identity.gid);
  const data = join(folder, 'data');
  const options = { ...identity, cwd: folder, env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' } };
  await run(
    await initdbBeside(program),
    ['-D', data, '-U', 'portcullis', '--auth=trust', '--encoding=UTF8', '--no-sync'],
    options,
  );
  const child = spawn(program, ['-D', data, '-k', folder, '-c', 'listen_addresses=', '-c', 'fsync=off'], {
    ...options,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await ready(child);
  const url = (database: string): string => `postgres://portcullis@/${database}?host=${folder}`;
  return {
    newDatabase: () => createDatabase(url('postgres')),
    async [Symbol.asyncDispose]() {
      const closed = once(child, 'close');
      child.kill('SIGQUIT');
      await closed;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** `postgres` may be a link; `initdb` lies where it points to, or where Debian keeps it. */
async function initdbBeside(program: string): Promise<string> {
  const { realpath, access } = await import('node:fs/promises');
  for (const folder of [dirname(await realpath(program)), '/usr/lib/postgresql/15/bin']) {
    const candidate = join(folder, 'initdb');
    if (
      await access(candidate).then(
        () => true,
        () => false,
      )
    )
      return candidate;
  }
  throw new Error(`no initdb beside ${program}`);
}

async function ready(child: ChildProcess): Promise<void> {
  if (child.stderr === null) throw new Error('no standard error');
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    said.push(line);
    if (line.includes('ready to accept connections')) {
      child.stderr.resume();
      return;
    }
  }
  throw new Error(`PostgreSQL did not start:\n${said.join('\n')}`);
}

async function createDatabase(url: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const name = `test_${process.pid}_${Date.now().toString(36)}_${Math.random().toString(36).slice(2, 8)}`;
  await client.query(`create database ${name} template template0 encoding 'UTF8'`);
  await client.end();
  const made = new URL(url.replace('@/', '@socket/'));
  made.pathname = `/${name}`;
  return made.toString().replace('@socket/', '@/');
}
