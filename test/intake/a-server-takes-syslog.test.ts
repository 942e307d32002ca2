import { expect, test } from 'vitest';
import { observe } from '#main/demo/observe.ts';
import { startWorld } from '../testbed/world.ts';
import { connectTo, sendDatagrams } from './intake-bed.ts';

interface Report {
  readonly checks: readonly { readonly name: string; readonly status: string; readonly detail: string }[];
}

interface Found {
  readonly items: readonly { readonly raw?: string }[];
}

test(
  'a server that is configured for syslog says so, takes messages, and finds them again',
  { timeout: 60_000 },
  async () => {
    await using world = await startWorld({
      config: { intake: { udp: ['127.0.0.1:0'], tcp: ['127.0.0.1:0'] } },
    });
    const intake = async (): Promise<Report['checks'][number] | undefined> =>
      (await world.server.api<Report>('GET', '/v1/doctor')).body.checks.find(({ name }) => name === 'intake');
    const before = await intake();
    expect(before?.status).toBe('ok');
    const port = (transport: string): number =>
      Number(new RegExp(`${transport} 127\\.0\\.0\\.1:(\\d+)`).exec(before?.detail ?? '')?.[1]);
    const socket = await connectTo(port('tcp'));
    socket.end('<38>Nov 25 10:00:00 web01 sshd[4]: needle-over-tcp\n');
    await sendDatagrams(port('udp'), ['<14>app: needle-over-udp']);

    for (const line of ['<38>Nov 25 10:00:00 web01 sshd[4]: needle-over-tcp', '<14>app: needle-over-udp']) {
      const word = line.slice(line.lastIndexOf(' ') + 1);
      const found = await observe(
        world.server,
        `/v1/events?text=${word}`,
        (body) => (body as Found).items[0],
      );
      expect(found.raw).toBe(line);
    }
    const login = connectTo(port('tcp'));
    (await login).end(
      '<38>Nov 25 10:00:00 web01 sshd[4]: Failed password for invalid user mallory from 192.0.2.66 port 4022 ssh2\n',
    );
    const failed = await observe(
      world.server,
      '/v1/events?type=login.failed&text=mallory',
      (body) => (body as Found).items[0],
    );
    expect(failed).toMatchObject({ type: 'login.failed', address: '192.0.2.66', realm: 'web01_127.0.0.1' });
    expect(failed).not.toHaveProperty('user');
    expect((await intake())?.detail).toMatch(/3 received, 0 dropped; last message/);
    const metrics = await fetch(`${world.server.httpUrl}/metrics`).then((answer) => answer.text());
    expect(metrics).toMatch(/intake_received\S* 3/);
  },
);
