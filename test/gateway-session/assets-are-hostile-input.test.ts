import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ssh2, { type Connection, type ServerChannel, type Session } from 'ssh2';
import { expect, test } from 'vitest';
import { Secret } from '#lib/secret.ts';
import { accountContext } from '#vault/contexts.ts';
import { openBed, type Bed } from './bed.ts';
import { ssh, startSsh } from './run-ssh.ts';

interface FakeAsset extends AsyncDisposable {
  readonly port: number;
}

interface AssetBehaviour {
  readonly authenticate?: (context: ssh2.AuthContext) => void;
  readonly connected?: (connection: Connection) => void;
  readonly session?: (session: Session) => void;
  readonly run?: (channel: ServerChannel, connection: Connection) => void;
}

/** An asset that does what a test tells it to, with the host key the bed has pinned. */
async function startAsset(bed: Bed, behaviour: AssetBehaviour): Promise<FakeAsset> {
  const hostKey = await readFile(join(bed.sshd.folder, 'host_ed25519'));
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (connection) => {
    connection.on('error', () => undefined);
    connection.on('authentication', (context) => {
      if (behaviour.authenticate === undefined) context.accept();
      else behaviour.authenticate(context);
    });
    behaviour.connected?.(connection);
    connection.on('session', (accept) => {
      const session = accept();
      behaviour.session?.(session);
      session.on('exec', (acceptExec) => behaviour.run?.(acceptExec(), connection));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as unknown as { readonly port: number };
  await bed.storage.state.transact(async (tx) => {
    await tx.updateTable('assets').set({ port }).execute();
  });
  return {
    port,
    [Symbol.asyncDispose]: () => {
      server.close();
      return Promise.resolve();
    },
  };
}

function target(bed: Bed): string {
  return `alice@${bed.sshd.account}@web01`;
}

interface Insides {
  readonly _protocol: { channelData(id: number, data: Buffer): void };
}

test('an asset that sends more than the window allows loses its session, nobody else', async () => {
  await using bed = await openBed();
  await using _asset = await startAsset(bed, {
    run: (channel, connection) => {
      const { id } = (channel as unknown as { readonly outgoing: { readonly id: number } }).outgoing;
      const flood = Buffer.alloc(32_000);
      for (let count = 0; count < 400; count += 1)
        (connection as unknown as Insides)._protocol.channelData(id, flood);
    },
  });
  await using running = startSsh([...bed.ssh(target(bed)), 'flood']);
  // Not reading keeps the gateway from opening the window.
  running.child.stdout.pause();
  const ended = await bed.event('session.ended');
  expect(ended.data).toMatchObject({ reason: 'asset' });
  running.child.stdout.resume();
  expect((await running.finished).code).toBe(255);
});

test('channels that an asset asks for are refused, and the session goes on', async () => {
  await using bed = await openBed();
  const refused: string[] = [];
  await using _asset = await startAsset(bed, {
    run: (channel, connection) => {
      connection.forwardOut('127.0.0.1', 1, '127.0.0.1', 2, (error) => {
        refused.push(error === undefined ? 'opened' : 'refused');
        connection.x11('127.0.0.1', 1, (x11Error) => {
          refused.push(x11Error === undefined ? 'opened' : 'refused');
          channel.write('still here\n');
          channel.exit(0);
          channel.end();
        });
      });
    },
  });
  const done = await ssh([...bed.ssh(target(bed)), 'anything']);
  expect(done.stdout.toString()).toBe('still here\n');
  expect(refused).toEqual(['refused', 'refused']);
});

test('output, exit status and close in one packet lose nothing', async () => {
  await using bed = await openBed();
  await using _asset = await startAsset(bed, {
    run: (channel) => {
      channel.stderr.write('err');
      channel.write('x'.repeat(100_000));
      channel.exit(42);
      channel.end();
    },
  });
  for (let round = 0; round < 5; round += 1) {
    const done = await ssh([...bed.ssh(target(bed)), 'quick']);
    expect(done.stdout.length).toBe(100_000);
    expect(done.stderr).toBe('err');
    expect(done.code).toBe(42);
  }
});

test('an asset that goes away in the middle is told apart from a command that ends', async () => {
  await using bed = await openBed();
  await using _asset = await startAsset(bed, {
    run: (channel, connection) => {
      channel.write('partial\n', () => connection.end());
    },
  });
  const done = await ssh([...bed.ssh(target(bed)), 'anything']);
  expect(done.stdout.toString()).toBe('partial\n');
  expect(done.stderr).toContain('The connection to web01 was lost.');
  expect(done.code).toBe(255);
});

test('an asset that vanishes while nothing is under way is told as well', async () => {
  await using bed = await openBed();
  const vanish = Promise.withResolvers<void>();
  await using _asset = await startAsset(bed, {
    run: (channel, connection) => {
      channel.write('quiet now\n');
      void vanish.promise.then(() => connection.end());
    },
  });
  await using running = startSsh([...bed.ssh(target(bed)), 'anything']);
  await running.shows(/quiet now/);
  vanish.resolve();
  const done = await running.finished;
  expect(done.stderr).toContain('The connection to web01 was lost.');
  expect(done.code).toBe(255);
});

test('an asset that refuses the channel', async () => {
  await using bed = await openBed();
  await using _asset = await startAsset(bed, {
    connected: (connection) => {
      connection.prependListener('session', (_accept, reject) => reject());
    },
  });
  const done = await ssh([...bed.ssh(target(bed)), 'anything']);
  expect(done.stderr).toContain('web01 refused to open the channel.');
  expect(done.code).toBe(255);
});

test('signals and BREAK reach the asset', async () => {
  await using bed = await openBed();
  const seen: string[] = [];
  const signalled = Promise.withResolvers<void>();
  await using _asset = await startAsset(bed, {
    session: (session) => {
      session.on('pty', (accept) => accept());
      session.on('signal', (_accept, _reject, info) => {
        seen.push(info.name);
        if (info.name === 'TERM') signalled.resolve();
      });
    },
    run: (channel, connection) => {
      const { _handlers: handlers } = (
        connection as unknown as {
          readonly _protocol: {
            readonly _handlers: { CHANNEL_REQUEST: (...args: readonly unknown[]) => void };
          };
        }
      )._protocol;
      const original = handlers.CHANNEL_REQUEST;
      handlers.CHANNEL_REQUEST = (...args) => {
        if (args[2] === 'break' && Buffer.isBuffer(args[4])) {
          seen.push(`break ${args[4].readUInt32BE(0)}`);
          channel.exit(0);
          channel.end();
        }
        original(...args);
      };
      channel.write('ready\n');
    },
  });
  // ~B is what a person types for BREAK; it works at a terminal only.
  await using running = startSsh(['-tt', ...bed.ssh(target(bed)), 'wait']);
  await running.shows(/ready/);
  const client = new ssh2.Client();
  client.connect({ host: '127.0.0.1', port: bed.port, username: target(bed) });
  await once(client, 'ready');
  client.exec('wait', (_error, channel) => {
    channel.once('data', () => {
      channel.signal('USR1');
      channel.signal('TERM');
      running.type('\r~B');
    });
  });
  await Promise.all([running.finished, signalled.promise]);
  client.end();
  expect(seen.filter((one) => !one.startsWith('break'))).toEqual(['USR1', 'TERM']);
  expect(seen.some((one) => /^break \d+$/.test(one))).toBe(true);
});

test.each([
  ['as password', 'password'],
  ['as keyboard-interactive', 'keyboard-interactive'],
] as const)('a stored password is given %s', async (_what, method) => {
  await using bed = await openBed();
  const { state } = bed.storage;
  const account = await state.reader.selectFrom('accounts').selectAll().executeTakeFirstOrThrow();
  await state.transact(async (tx) => {
    const sealed = bed.vault.seal(new Secret('pass word'), accountContext(account.id));
    await tx.updateTable('accounts').set({ secretKind: 'password', sealed }).execute();
  });
  await using _asset = await startAsset(bed, {
    authenticate: (context) => {
      if (context.method !== method) context.reject([method]);
      else if (context.method === 'password' && context.password === 'pass word') context.accept();
      else if (context.method === 'keyboard-interactive') {
        context.prompt([{ prompt: 'Password: ', echo: false }], (answers) => {
          if (answers[0] === 'pass word') context.accept();
          else context.reject();
        });
      } else context.reject();
    },
    run: (channel) => {
      channel.write('in\n');
      channel.exit(0);
      channel.end();
    },
  });
  const done = await ssh([...bed.ssh(target(bed)), 'anything']);
  expect(done.stderr).toBe('');
  expect(done.stdout.toString()).toBe('in\n');
});

test('a stored password is not typed at a prompt that would show it, or twice', async () => {
  await using bed = await openBed();
  const { state } = bed.storage;
  const account = await state.reader.selectFrom('accounts').selectAll().executeTakeFirstOrThrow();
  await state.transact(async (tx) => {
    const sealed = bed.vault.seal(new Secret('pass word'), accountContext(account.id));
    await tx.updateTable('accounts').set({ secretKind: 'password', sealed }).execute();
  });
  const answers: string[] = [];
  await using _asset = await startAsset(bed, {
    authenticate: (context) => {
      if (context.method !== 'keyboard-interactive') context.reject(['keyboard-interactive']);
      else
        context.prompt([{ prompt: 'Tell me: ', echo: true }], (given) => {
          answers.push(...given);
          context.reject();
        });
    },
  });
  const done = await ssh([...bed.ssh(target(bed)), 'anything']);
  expect(done.stderr).toContain('did not accept the stored credential');
  expect(answers).toEqual(['']);
});
