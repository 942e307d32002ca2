import { expect, test } from 'vitest';
import { observe } from '#main/demo/observe.ts';
import { startWorld } from '../testbed/world.ts';
import { sendDatagrams } from './intake-bed.ts';

interface Report {
  readonly checks: readonly { readonly name: string; readonly detail: string }[];
}

test(
  'a server takes the line of a refused command as an event of the person at the foreign bastion',
  { timeout: 60_000 },
  async () => {
    await using world = await startWorld({ config: { intake: { udp: ['127.0.0.1:0'] } } });
    const { body } = await world.server.api<Report>('GET', '/v1/doctor');
    const detail = body.checks.find(({ name }) => name === 'intake')?.detail ?? '';
    const port = Number(/udp 127\.0\.0\.1:(\d+)/.exec(detail)?.[1]);
    const line = `<14>jumpserver: session_command_log - {"account": "root(root)", "asset": "web01(10.0.0.5)", "id": "e5-1", "input": "su needle", "remote_addr": "10.1.2.3", "risk_level": {"label": "拒绝", "value": 5}, "session": "1d-1", "timestamp": ${Math.floor(Date.now() / 1000)}, "user": "Alice(alice)"}`;
    await sendDatagrams(port, [`${line}\0`]);
    const found = await observe(
      world.server,
      '/v1/events?text=needle&type=command.denied',
      (answer) => (answer as { readonly items: readonly Record<string, unknown>[] }).items[0],
    );
    expect(found).toMatchObject({
      user: 'alice',
      realm: '127.0.0.1',
      source: '127.0.0.1',
      asset: 'web01',
      account: 'root',
      session: '1d-1',
      command: 'su needle',
      raw: line,
    });
  },
);
