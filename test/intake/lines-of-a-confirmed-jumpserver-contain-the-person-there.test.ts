import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { DoctorReport } from '#contract/resources/doctor-report.ts';
import { item, observe } from '#main/demo/observe.ts';
import { addSession } from '../testbed/jumpserver/model.ts';
import { CONNECTOR, refusedLine, startCompanionWorld } from './companion-world.ts';
import { sendDatagrams } from './intake-bed.ts';

interface Offenses {
  readonly items: readonly { readonly id: string; readonly entity: string }[];
}
interface Offense {
  readonly actions: readonly { readonly action: string; readonly state: string }[];
}

test(
  'until somebody confirms the source its lines open an offense and nobody acts; then they contain the person there',
  { timeout: 120_000 },
  async () => {
    await using companion = await startCompanionWorld();
    const { world, standIn, alice, ports } = companion;
    const { server } = world;
    const session = addSession(standIn.model, alice);
    const name = `${alice.name}(${alice.username})`;
    const refused = (): readonly string[] => [1, 2, 3].map(() => refusedLine(name, session));

    await sendDatagrams(ports.udp, refused());
    await observe(server, '/v1/offenses', item({ entity: '127.0.0.1:alice' }));
    const listed = await observe(server, '/v1/log-sources', item({ name: '127.0.0.1' }));
    expect(listed).toMatchObject({ confirmed: false, address: '127.0.0.1', host: '', realm: '127.0.0.1' });

    const wrong = await server.api('POST', '/v1/log-sources/127.0.0.1/confirm', { realm: 'nowhere' });
    expect(wrong).toMatchObject({ status: 400, body: { error: { code: 'E_INPUT' } } });
    const asked = await server.api<DoctorReport>('GET', '/v1/doctor');
    const found = Object.fromEntries(asked.body.checks.map((check) => [check.name, check]));
    expect(found['log sources']).toMatchObject({
      status: 'warning',
      detail: 'sent without being confirmed: 127.0.0.1',
    });
    expect(found[`connector ${CONNECTOR}`]).toMatchObject({ status: 'ok' });
    expect(found[`logs of ${CONNECTOR}`]).toMatchObject({ status: 'ok' });

    const confirmed = await server.api('POST', '/v1/log-sources/127.0.0.1/confirm', { realm: CONNECTOR });
    expect(confirmed).toMatchObject({ status: 200, body: { confirmed: true, realm: CONNECTOR } });
    expect(alice.isActive).toBe(true);
    expect(standIn.calls.filter(({ what }) => !what.startsWith('GET'))).toEqual([]);

    // A name that is forged has no session of theirs: the offense is there, and nobody is locked out.
    await sendDatagrams(
      ports.udp,
      [1, 2, 3].map(() => refusedLine('Boss(boss)', randomUUID())),
    );
    await observe(server, '/v1/offenses', item({ entity: `${CONNECTOR}:boss` }));

    const disabled = standIn.called(/^PATCH users\/users\/[0-9a-f-]{36}\/$/);
    await sendDatagrams(ports.udp, refused());
    await disabled;
    const offense = await observe(server, '/v1/offenses', item({ entity: `${CONNECTOR}:alice` }));
    await observe(server, `/v1/offenses/${String(offense['id'])}`, (body) => {
      const { actions } = body as Offense;
      const states = Object.fromEntries(actions.map(({ action, state }) => [action, state]));
      return states['lock'] === 'succeeded' && states['terminate'] === 'verified' ? true : undefined;
    });
    expect(alice.isActive).toBe(false);
    expect(session.isFinished).toBe(true);

    const { body } = await server.api<Offenses>('GET', '/v1/offenses');
    const boss = body.items.find(({ entity }) => entity === `${CONNECTOR}:boss`);
    const forged = await observe(server, `/v1/offenses/${boss?.id ?? ''}`, (answer) => {
      const { actions } = answer as Offense;
      return actions.some(({ action, state }) => action === 'lock' && state === 'downgraded')
        ? actions
        : undefined;
    });
    expect(forged.filter(({ action }) => action !== 'mail').map(({ state }) => state)).not.toContain(
      'succeeded',
    );
    expect(standIn.model.users.filter(({ isActive }) => !isActive).map(({ username }) => username)).toEqual([
      'alice',
    ]);
  },
);

test(
  'somebody who enables the person there ends the episode as soon as the log of operations tells',
  { timeout: 120_000 },
  async () => {
    await using companion = await startCompanionWorld();
    const { world, standIn, alice, ports } = companion;
    const { server } = world;
    const session = addSession(standIn.model, alice);
    await server.api('POST', '/v1/log-sources', { name: 'jms', address: '127.0.0.1', realm: CONNECTOR });
    const disabled = standIn.called(/^PATCH users\/users\/[0-9a-f-]{36}\/$/);
    await sendDatagrams(
      ports.udp,
      [1, 2, 3].map(() => refusedLine('Alice Li(alice)', session)),
    );
    await disabled;
    const lock = await observe(server, '/v1/locks', item({ target: `${CONNECTOR}:alice` }));
    await observe(server, '/v1/offenses', item({ entity: `${CONNECTOR}:alice` }));

    alice.isActive = true;
    await sendDatagrams(ports.udp, [
      `<14>jumpserver: operation_log - ${JSON.stringify({
        action: { label: 'Update', value: 'update' },
        datetime: '2026/11/26 16:02:00 +0800',
        id: randomUUID(),
        remote_addr: '10.9.9.9',
        resource: 'Alice Li(alice)',
        resource_type: 'User',
        user: 'Administrator(admin)',
      })}\0`,
    ]);
    await observe(server, '/v1/locks', (body) =>
      (body as { readonly items: readonly { readonly id: unknown }[] }).items.some(
        ({ id }) => id === lock['id'],
      )
        ? undefined
        : true,
    );
    expect(alice.isActive).toBe(true);
  },
);
