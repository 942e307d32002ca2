import { randomInt } from 'node:crypto';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from './programs.ts';

const run = promisify(execFile);

/** A real OpenSSH server on loopback, for one test: own host keys, one authorised key, own folder. */
export interface Sshd extends AsyncDisposable {
  readonly port: number;
  /** The account it lets in: the user who runs the tests. */
  readonly account: string;
  /** `ssh-ed25519 AAAA…` */
  readonly hostKey: string;
  /** OpenSSH private key that may log in. */
  readonly privateKey: string;
  readonly privateKeyFile: string;
  readonly folder: string;
  /** What sshd said, for failure messages. */
  log(): string;
  /** Gives the server another host key, as after a reinstallation. */
  replaceHostKey(): Promise<string>;
}

// Below what Linux gives to outgoing connections (32768 and up), so that none takes the port before it is used.
const FIRST_PORT = 20_000;
const PORTS = 10_000;
const TRIES = 100;

/** A port on loopback that nobody listens on, for a process that must be told its port before it starts. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = FIRST_PORT + randomInt(PORTS);
    if (await isFree(port)) return port;
  }
  throw new Error('no free port was found');
}

function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once('error', () => resolve(false));
  server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  return promise;
}

async function makeKey(file: string): Promise<string> {
  await rm(file, { force: true });
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file]);
  return (await readFile(`${file}.pub`, 'utf8')).trim();
}

/** Resolves when sshd says that it listens; rejects when the process ends first. */
async function listening(child: ChildProcess, log: () => string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.once('exit', (code) => reject(new Error(`sshd ended with ${code}: ${log()}`)));
  child.stderr?.on('data', () => {
    if (log().includes('Server listening on')) resolve();
  });
  await promise;
}

export async function startSshd(options: { readonly extraConfig?: readonly string[] } = {}): Promise<Sshd> {
  const program = findProgram('sshd');
  if (program === undefined) throw new Error('sshd is missing; npm test installs it');
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-sshd-'));
  const hostKeyFile = join(folder, 'host_ed25519');
  const privateKeyFile = join(folder, 'user_ed25519');
  let hostKey = await makeKey(hostKeyFile);
  await writeFile(join(folder, 'authorized_keys'), `${await makeKey(privateKeyFile)}\n`);
  // The privilege separation folder of Debian's build; it exists wherever the service has run once.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true });
  const port = await freePort();
  const config = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${hostKeyFile}`,
    `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
    `PidFile none`,
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PrintMotd no',
    'PrintLastLog no',
    'UseDNS no',
    'MaxStartups 1000',
    'MaxSessions 1000',
    'AcceptEnv LANG LC_* PORTCULLIS_TEST_*',
    'AllowTcpForwarding yes',
    'Subsystem sftp internal-sftp',
    ...(options.extraConfig ?? []),
  ];
  await writeFile(join(folder, 'sshd_config'), `${config.join('\n')}\n`);

  let said = '';
  const start = async (): Promise<ChildProcess> => {
    const child = spawn(program, ['-D', '-e', '-f', join(folder, 'sshd_config')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString('utf8')).slice(-16_384);
    });
    await listening(child, () => said);
    return child;
  };
  const stop = async (child: ChildProcess): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    await ended;
  };
  let child = await start();

  return {
    port,
    account: userInfo().username,
    get hostKey() {
      return hostKey;
    },
    privateKey: await readFile(privateKeyFile, 'utf8'),
    privateKeyFile,
    folder,
    log: () => said,
    async replaceHostKey() {
      await stop(child);
      hostKey = await makeKey(hostKeyFile);
      child = await start();
      return hostKey;
    },
    async [Symbol.asyncDispose]() {
      await stop(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
