import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../test/testbed/sshd.ts';

export interface Rsyslog extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
  /** Bytes that it has written to its file. */
  readonly written: () => Promise<number>;
}

/** An rsyslogd of its own that takes TCP on loopback and writes a file; undefined where it is not installed. */
export async function startRsyslog(): Promise<Rsyslog | undefined> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'portcullis-rsyslog-')));
  const port = await freePort();
  const out = join(folder.path, 'out.log');
  const config = join(folder.path, 'rsyslog.conf');
  await writeFile(
    config,
    [
      `global(workDirectory="${folder.path}")`,
      'module(load="imptcp")',
      `input(type="imptcp" port="${port}" address="127.0.0.1" ruleset="file")`,
      // The message as it came, as a bastion that keeps evidence has to.
      'template(name="raw" type="string" string="%rawmsg%\\n")',
      `ruleset(name="file") { action(type="omfile" file="${out}" template="raw") }`,
      '',
    ].join('\n'),
  );
  const child = spawn('rsyslogd', ['-n', '-f', config, '-i', join(folder.path, 'pid')], { stdio: 'ignore' });
  const ended = once(child, 'exit').catch(() => undefined);
  const isStarted = await once(child, 'spawn').then(
    () => true,
    () => false,
  );
  if (!isStarted) return undefined;
  stack.defer(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  await untilOpen(port);
  const kept = stack.move();
  return {
    pid: child.pid ?? 0,
    port,
    written: async () => (await stat(out).catch(() => ({ size: 0 }))).size,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function untilOpen(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    await delay(50);
  }
  throw new Error('rsyslogd does not listen');
}
