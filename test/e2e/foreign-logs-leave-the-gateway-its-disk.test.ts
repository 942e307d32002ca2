import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { DoctorReport } from '#contract/resources/doctor-report.ts';
import type { World } from '#main/demo/world.ts';
import { observe } from '#main/demo/observe.ts';
import { sendDatagrams } from '../intake/intake-bed.ts';
import { runSsh, startSsh } from '../testbed/ssh.ts';
import { asAlice, startWorld } from '../testbed/world.ts';

const root = process.getuid?.() === 0;
const DISK = '640m';
const BALLAST_BYTES = 160 << 20;
const RESERVE_BYTES = 96 << 20;
const LINES = 7_000;
/** Random, so that nothing packs it: together they are more than the disk holds. */
const LINE_BYTES = 60_000;
const DATAGRAMS = 50;

interface IntakeShown {
  readonly detail: string;
  readonly ports: Readonly<Record<'udp' | 'tcp', number>>;
  readonly received: number;
  readonly dropped: number;
  readonly isShort: boolean;
}

function intakeIn(body: unknown): IntakeShown {
  const detail = (body as DoctorReport).checks.find(({ name }) => name === 'intake')?.detail ?? '';
  const number = (pattern: RegExp): number => Number(pattern.exec(detail)?.[1]);
  return {
    detail,
    ports: { udp: number(/udp 127\.0\.0\.1:(\d+)/), tcp: number(/tcp 127\.0\.0\.1:(\d+)/) },
    received: number(/(\d+) received/),
    dropped: number(/(\d+) dropped/),
    isShort: detail.includes('the disk is short'),
  };
}

const intakeOf = async (world: World): Promise<IntakeShown> =>
  intakeIn((await world.server.api('GET', '/v1/doctor')).body);

/** Sends the lines as fast as they are taken; resolves when the last one has left. */
async function sendLines(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  const content = randomBytes(LINE_BYTES / 2);
  for (let index = 0; index < LINES; index += 1) {
    content.writeUInt32BE(index);
    for (let at = 4; at < content.length; at += 64)
      content.writeUInt32BE((index * 2_654_435_761 + at) >>> 0, at);
    if (!socket.write(`<13>flood: ${content.toString('hex')}\n`)) await once(socket, 'drain');
  }
  socket.end();
  await once(socket, 'close');
}

test.skipIf(!root)(
  'a disk that foreign syslog fills: senders wait, datagrams are counted, sessions and their audit go on, and it resumes',
  { timeout: 180_000 },
  async () => {
    const mount = await mkdtemp(join(tmpdir(), 'portcullis-small-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', mount]);
    try {
      await writeFile(join(mount, 'ballast'), Buffer.alloc(BALLAST_BYTES));
      await using world = await startWorld({
        config: {
          intake: { udp: ['127.0.0.1:0'], tcp: ['127.0.0.1:0'] },
          retention: { reserve: '96MiB' },
        },
        dataDir: join(mount, 'data'),
      });
      const { server } = world;
      const { ports } = await intakeOf(world);
      const person = await startSsh(asAlice(world, 'web01', { terminal: true }));
      await person.shows(/[$#] /);
      let isSent = false;
      const sent = sendLines(ports.tcp).then(() => {
        isSent = true;
      });

      const short = await observe(server, '/v1/doctor', (body) => {
        const intake = intakeIn(body);
        return intake.isShort ? intake : undefined;
      });
      expect(short.received).toBeLessThan(LINES);
      expect(isSent).toBe(false);
      await sendDatagrams(
        ports.udp,
        Array.from({ length: DATAGRAMS }, (_, index) => `<13>flood: ${index}`),
      );
      const dropped = await observe(server, '/v1/doctor', (body) => {
        const intake = intakeIn(body);
        return intake.dropped >= DATAGRAMS ? intake : undefined;
      });
      expect(dropped.dropped).toBe(DATAGRAMS);

      // The gateway does not notice: who works goes on working, who comes gets in, and all of it is written down.
      person.type('echo still-$((40 + 2))\r');
      await person.shows('still-42');
      const another = await runSsh(asAlice(world, 'db01', { command: ['echo another-session'] }));
      expect(another.screen).toContain('another-session');
      expect((await intakeOf(world)).isShort).toBe(true);
      const { bavail, bsize } = await statfs(mount);
      expect(bavail * bsize, 'the reserve is untouched').toBeGreaterThan(RESERVE_BYTES);

      await rm(join(mount, 'ballast'));
      execFileSync('mount', ['-o', 'remount,size=2g', mount]);
      await sent;
      const { received } = await observe(server, '/v1/doctor', (body) => {
        const intake = intakeIn(body);
        return intake.received >= LINES ? intake : undefined;
      });
      expect(received).toBe(LINES);
      // What the gateway noted while the disk was short waited in the journal for the archive.
      await observe(
        server,
        '/v1/events?text=another-session&type=command.allowed',
        (body) => (body as { readonly items: readonly unknown[] }).items[0],
      );
      person.type('exit\r');
      await person.exited;
    } finally {
      execFileSync('umount', ['-l', mount]);
      await rm(mount, { recursive: true, force: true });
    }
  },
);
