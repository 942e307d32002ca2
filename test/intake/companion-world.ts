import { randomBytes } from 'node:crypto';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { World } from '#main/demo/world.ts';
import { addUser, type StandInSession, type StandInUser } from '../testbed/jumpserver/model.ts';
import { startJumpServer, type StandIn, type StandInOptions } from '../testbed/jumpserver/server.ts';
import { startWorld } from '../testbed/world.ts';

export const CONNECTOR = 'jumpserver-1';

/** A Portcullis server beside a JumpServer: its syslog comes in, its API is acted on. */
export interface CompanionWorld extends AsyncDisposable {
  readonly world: World;
  readonly standIn: StandIn;
  readonly alice: StandInUser;
  /** Where syslog is taken, by transport. */
  readonly ports: Readonly<Record<'udp' | 'tcp', number>>;
}

interface Report {
  readonly checks: readonly { readonly name: string; readonly detail: string }[];
}

export async function startCompanionWorld(options: StandInOptions = {}): Promise<CompanionWorld> {
  await using stack = new AsyncDisposableStack();
  const standIn = stack.use(await startJumpServer(options));
  const token = randomBytes(20).toString('hex');
  addUser(standIn.model, { username: 'portcullis', isSuperuser: true, token });
  addUser(standIn.model, { username: 'boss', isSuperuser: true });
  const alice = addUser(standIn.model, { username: 'alice', name: 'Alice Li' });
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'portcullis-companion-')));
  const tokenFile = join(folder.path, 'token');
  await writeFile(tokenFile, token, { mode: 0o600 });
  const world = stack.use(
    await startWorld({
      config: {
        intake: { udp: ['127.0.0.1:0'], tcp: ['127.0.0.1:0'] },
        connectors: [{ name: CONNECTOR, kind: 'jumpserver', url: standIn.url, tokenFile }],
      },
    }),
  );
  const { body } = await world.server.api<Report>('GET', '/v1/doctor');
  const detail = body.checks.find(({ name }) => name === 'intake')?.detail ?? '';
  const port = (transport: string): number =>
    Number(new RegExp(`${transport} 127\\.0\\.0\\.1:(\\d+)`).exec(detail)?.[1]);
  const kept = stack.move();
  return {
    world,
    standIn,
    alice,
    ports: { udp: port('udp'), tcp: port('tcp') },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

let commands = 0;

/** The line that JumpServer sends of a refused command. */
export function refusedLine(
  user: string,
  session: Pick<StandInSession, 'id'> | string,
  input = 'su',
): string {
  commands += 1;
  const id = `e5000000-0000-4000-8000-${String(commands).padStart(12, '0')}`;
  return `<14>jumpserver: session_command_log - ${JSON.stringify({
    account: 'root(root)',
    asset: 'web01(10.0.0.5)',
    id,
    input,
    output: `Command \`${input}\` is forbidden`,
    remote_addr: '198.51.100.7',
    risk_level: { label: '拒绝', value: 5 },
    session: typeof session === 'string' ? session : session.id,
    timestamp: Math.floor(Date.now() / 1000),
    user,
  })}\0`;
}
