import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { startMailbox, type Mailbox } from './mailbox.ts';
import { startServerProcess, type ServerProcess } from './server-process.ts';
import { startSshd, type Sshd } from './sshd.ts';

/** A whole small company on loopback: an asset, a mailbox, a gateway between them, and two people. */
export interface World extends AsyncDisposable {
  readonly folder: string;
  readonly sshd: Sshd;
  readonly mailbox: Mailbox;
  readonly server: ServerProcess;
  readonly configFile: string;
  readonly people: Readonly<Record<'alice' | 'bob', { readonly password: string }>>;
  /** What to put before an asset name: `alice@<account>@web01`. */
  readonly account: string;
}

export interface WorldOptions {
  readonly sshPort: number;
  readonly httpPort: number;
  /** Where the server keeps its data; below the world's folder unless said. */
  readonly dataDir?: string;
  /** Merged over the configuration file. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Program and arguments put in front of the server's command. */
  readonly wrapper?: readonly string[];
}

const ALICE_PASSWORD = 'correct horse battery staple';
const BOB_PASSWORD = 'an entirely different phrase';

function document(sshd: Sshd): object {
  const asset = (name: string): object => ({
    name,
    address: '127.0.0.1',
    port: sshd.port,
    hostKeys: [sshd.hostKey],
    accounts: [{ username: sshd.account, privateKey: sshd.privateKey }],
  });
  return {
    users: [
      { username: 'alice', name: 'Alice Li', email: 'alice@example.test', password: ALICE_PASSWORD },
      { username: 'bob', name: 'Bob Roe', email: 'bob@example.test', password: BOB_PASSWORD },
    ],
    groups: [{ name: 'developers', users: ['alice', 'bob'] }],
    assets: [asset('web01'), asset('db01')],
    grants: [
      {
        name: 'dev-web',
        groups: ['developers'],
        assets: ['web01', 'db01'],
        accounts: ['*'],
        actions: ['shell', 'exec'],
        mode: 'guard',
      },
    ],
    commandRules: [
      {
        name: 'no-identity-change',
        priority: 10,
        kind: 'program',
        patterns: ['su', 'passwd'],
        verdict: 'deny',
      },
    ],
  };
}

export async function createWorld(options: WorldOptions): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-demo-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const sshd = stack.use(await startSshd());
  const mailbox = stack.use(await startMailbox());
  const dataDir = options.dataDir ?? join(folder, 'data');
  await mkdir(dataDir, { mode: 0o700, recursive: true });
  const configFile = join(folder, 'portcullis.yaml');
  const config = {
    dataDir,
    logLevel: 'warn',
    ssh: { listen: [`127.0.0.1:${options.sshPort}`] },
    http: {
      listen: [`127.0.0.1:${options.httpPort}`],
      ...(options.httpPort === 0 ? {} : { publicUrl: `http://127.0.0.1:${options.httpPort}` }),
    },
    mail: {
      host: '127.0.0.1',
      port: mailbox.port,
      security: 'none',
      from: 'portcullis@example.test',
      responders: ['security@example.test'],
    },
    ...options.config,
  };
  await writeFile(configFile, stringify(config));
  const server = stack.use(await startServerProcess({ configFile, dataDir, wrapper: options.wrapper }));
  const applied = await server.api('POST', '/v1/apply', document(sshd));
  if (applied.status !== 200)
    throw new Error(`apply answered ${applied.status}: ${JSON.stringify(applied.body)}`);
  const kept = stack.move();
  return {
    folder,
    sshd,
    mailbox,
    server,
    configFile,
    people: { alice: { password: ALICE_PASSWORD }, bob: { password: BOB_PASSWORD } },
    account: sshd.account,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
