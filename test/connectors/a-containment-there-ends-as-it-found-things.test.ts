import { describe, expect, test } from 'vitest';
import { ConnectorService } from '#responder/realms/connector-service.ts';
import { playbooksForAWhile } from '../loop/loop-bed.ts';
import { tempFolder } from '../testbed/temp-folder.ts';
import { addSession, addUser, REALM, startCompanion, type CompanionBed } from './companion-bed.ts';

async function contain(bed: CompanionBed, user = bed.alice): Promise<string> {
  await bed.denyThere(user, 3, addSession(bed.standIn.model, user));
  await bed.loop.settled();
  return (await bed.loop.locks.inForce()).at(-1)?.id ?? '';
}

const release = (bed: CompanionBed): Promise<unknown> => bed.loop.event('containment.released');

describe('enabled there by somebody', () => {
  test('ends the episode and arms the rule; the next three are answered anew', async () => {
    await using bed = await startCompanion();
    await contain(bed);
    bed.alice.isActive = true;
    expect(await bed.loop.event('offense.closed')).toMatchObject({
      actor: REALM,
      data: { reason: 'containment-ended' },
    });
    await release(bed);
    expect(bed.alice.isActive).toBe(true);
    await contain(bed);
    expect(bed.alice.isActive).toBe(false);
    expect(await bed.loop.offenses.show('1')).toMatchObject({ episode: 2, status: 'open' });
  });

  test('a bastion that does not answer ends nothing', async () => {
    await using bed = await startCompanion({ loop: { foreignLookMs: 20 } });
    await contain(bed);
    const look = /^GET users\/users\/[0-9a-f-]{36}\/$/;
    bed.standIn.fault(look, ...Array.from({ length: 8 }, () => ({ kind: 'status', status: 404 }) as const));
    for (let times = 0; times < 8; times++) await bed.standIn.called(look);
    expect(await bed.loop.locks.inForce()).toHaveLength(1);
  });
});

describe('ended here', () => {
  test('whoever was active is active again', async () => {
    await using bed = await startCompanion();
    const id = await contain(bed);
    await bed.loop.locks.end(id, { by: 'carol', reason: 'false alarm' });
    expect(await release(bed)).toMatchObject({ actor: 'carol', realm: REALM, user: 'alice' });
    expect(bed.alice.isActive).toBe(true);
    expect(bed.alice.password).toBe('the old one');
  });

  test('whoever had been disabled before stays so', async () => {
    await using bed = await startCompanion();
    bed.alice.isActive = false;
    const id = await contain(bed);
    expect((await bed.actions())['lock']).toMatchObject({
      state: 'succeeded',
      summary: 'alice at jumpserver-1 had been disabled before',
    });
    await bed.loop.locks.end(id, { by: 'carol', reason: 'false alarm' });
    expect(await release(bed)).toMatchObject({ message: expect.stringContaining('as before') as string });
    expect(bed.alice.isActive).toBe(false);
  });

  test('a bastion that fails is asked again until it is so', async () => {
    await using bed = await startCompanion();
    const id = await contain(bed);
    bed.standIn.fault(/^PATCH users\/users\/[0-9a-f-]{36}\/$/, { kind: 'status', status: 403 });
    await bed.loop.locks.end(id, { by: 'carol', reason: 'false alarm' });
    await release(bed);
    expect(bed.alice.isActive).toBe(true);
  });

  test('a lock for a time ends by itself', async () => {
    let aheadMs = 0;
    await using folder = await tempFolder();
    const playbooks = await playbooksForAWhile(folder.path);
    await using bed = await startCompanion({
      loop: { clock: () => Date.now() + aheadMs, playbookFolders: [playbooks] },
    });
    await contain(bed);
    expect(bed.alice.isActive).toBe(false);
    aheadMs = 8 * 3_600_000 + 1_000;
    await release(bed);
    expect(bed.alice.isActive).toBe(true);
  });

  test('the action that was interrupted does not put back what a person ended', async () => {
    await using bed = await startCompanion();
    const id = await contain(bed);
    const { state } = bed.loop.storage;
    await bed.loop.locks.end(id, { by: 'carol', reason: 'false alarm' });
    await release(bed);
    await state.transact((tx) =>
      tx.updateTable('actions').set({ state: 'planned', attempts: 0 }).where('action', '=', 'lock').execute(),
    );
    await bed.loop.settled();
    expect((await bed.actions())['lock']?.state).toBe('noop');
    expect(bed.alice.isActive).toBe(true);
  });
});

describe('recovery', () => {
  test('ends the old credentials while the account is disabled, then lets the person back', async () => {
    await using bed = await startCompanion();
    await contain(bed);
    bed.alice.loginBlocked = true;
    const from = bed.standIn.calls.length;
    const service = new ConnectorService(new Map([[REALM, bed.connector]]), bed.loop.locks);
    const recovery = await service.recover(REALM, 'alice', 'carol');
    expect(recovery.steps).toEqual([
      '0 web sessions ended',
      'second factor reset',
      'counters of failed logins cleared',
      'old password ended, link mailed to alice@example.test',
      'lock ended',
    ]);
    await release(bed);
    expect(bed.alice).toMatchObject({ isActive: true, hasMfa: false, loginBlocked: false });
    expect(bed.alice.password).not.toBe('the old one');
    expect(bed.standIn.model.mails.map(({ kind }) => kind)).toEqual(['mfa', 'password']);
    const after = bed.standIn.calls.slice(from).map(({ what }) => what.replace(bed.alice.id, 'ID'));
    expect(after.indexOf('PATCH users/users/ID/password/')).toBeLessThan(
      after.indexOf('PATCH users/users/ID/'),
    );
    expect(await bed.loop.event('offense.closed')).toMatchObject({ actor: 'carol' });
  });

  test.each([2, 3, 4] as const)('version %i resets a second factor with its own call', async (version) => {
    await using bed = await startCompanion({ version, oldMfaPath: version === 2 });
    await contain(bed);
    const service = new ConnectorService(new Map([[REALM, bed.connector]]), bed.loop.locks);
    await service.recover(REALM, 'alice', 'carol');
    expect(bed.alice.hasMfa).toBe(false);
  });

  test('waits for a person where the password lives elsewhere, and where nobody is contained', async () => {
    await using bed = await startCompanion();
    const dora = addUser(bed.standIn.model, { username: 'dora', source: 'openid' });
    await contain(bed, dora);
    const service = new ConnectorService(new Map([[REALM, bed.connector]]), bed.loop.locks);
    await expect(service.recover(REALM, 'dora', 'carol')).rejects.toMatchObject({ code: 'E_UNSUPPORTED' });
    await expect(service.recover(REALM, 'alice', 'carol')).rejects.toMatchObject({ code: 'E_CONFLICT' });
    await expect(service.recover(REALM, 'alic', 'carol')).rejects.toMatchObject({ code: 'E_NOT_FOUND' });
    expect(dora).toMatchObject({ isActive: false, hasMfa: true, password: 'the old one' });
  });
});
