import { describe, expect, test } from 'vitest';
import { addSession, addUser, REALM, startCompanion, type CompanionBed } from './companion-bed.ts';

const CHANGES = /^(POST|PATCH|PUT|DELETE) |mfa\/reset|otp\/reset/;
const changes = (bed: CompanionBed): readonly string[] =>
  bed.standIn.calls.map(({ what }) => what).filter((what) => CHANGES.test(what));

describe('who is meant', () => {
  test('a server that finds names by containment changes nothing for the others', async () => {
    await using bed = await startCompanion({ fuzzyUsernames: true });
    const near = ['alice2', 'malice', 'ALICE', 'alice.li'].map((username) =>
      addUser(bed.standIn.model, { username }),
    );
    const theirs = near.map((user) => addSession(bed.standIn.model, user));
    await bed.denyThere(bed.alice, 3, addSession(bed.standIn.model, bed.alice));
    await bed.loop.settled();
    expect(bed.alice.isActive).toBe(false);
    expect(near.filter((user) => !user.isActive)).toEqual([]);
    expect(theirs.filter((one) => one.isFinished)).toEqual([]);
  });

  test('a server that lists everybody’s sessions loses only those of the person', async () => {
    await using bed = await startCompanion({ unfilteredSessions: true });
    const bystander = addSession(bed.standIn.model, bed.boss);
    const session = addSession(bed.standIn.model, bed.alice);
    await bed.denyThere(bed.alice, 3, session);
    await bed.loop.settled();
    expect([session.isFinished, bystander.isFinished]).toEqual([true, false]);
  });

  test('a name that nobody has there is left to people', async () => {
    await using bed = await startCompanion({ fuzzyUsernames: true });
    const ghost = { ...bed.alice, username: 'alic' };
    await bed.denyThere(ghost, 3, addSession(bed.standIn.model, bed.alice));
    await bed.loop.settled();
    expect(changes(bed)).toEqual([]);
    expect((await bed.actions())['lock']).toMatchObject({
      state: 'failed',
      summary: 'not locked: there is no user alic at jumpserver-1',
    });
  });

  test('two spellings that are two people are left to people', async () => {
    await using bed = await startCompanion();
    const other = addUser(bed.standIn.model, { username: 'Alice' });
    const session = addSession(bed.standIn.model, bed.alice);
    await bed.denyThere(bed.alice, 2, session);
    await bed.denyThere(other, 1, addSession(bed.standIn.model, other));
    await bed.loop.settled();
    expect(changes(bed)).toEqual([]);
    expect((await bed.actions())['lock']?.summary).toContain('are different people');
  });

  test('the name is used as it is spelt there', async () => {
    await using bed = await startCompanion();
    const bob = addUser(bed.standIn.model, { username: 'Bob.Roe' });
    await bed.denyThere(bob, 3, addSession(bed.standIn.model, bob));
    await bed.loop.settled();
    expect(bob.isActive).toBe(false);
    expect((await bed.loop.locks.inForce())[0]?.target).toBe(`${REALM}:Bob.Roe`);
  });
});

describe('guards', () => {
  test.each([
    ['a break-glass user of ours', { loop: { breakGlassUsers: ['alice'] } }, 0],
    ['a break-glass user of the connector', { config: { breakGlassUsers: ['alice'] } }, 0],
    ['more than may be locked out in ten minutes', { loop: { lockoutsPer10Minutes: 1 } }, 1],
  ])('%s: sessions end, people are paged, and a person may approve', async (_name, options, others) => {
    await using bed = await startCompanion(options);
    for (let number = 0; number < others; number++) {
      const other = addUser(bed.standIn.model, { username: `other-${number}` });
      await bed.denyThere(other, 3, addSession(bed.standIn.model, other));
      await bed.loop.settled();
    }
    expect(bed.standIn.model.users.filter((user) => !user.isActive)).toHaveLength(others);
    const session = addSession(bed.standIn.model, bed.alice);
    await bed.denyThere(bed.alice, 3, session);
    await bed.loop.settled();
    const actions = await bed.actions();
    expect(actions['lock']?.state).toBe('downgraded');
    expect(actions['lock:approval']?.state).toBe('awaiting_approval');
    expect([bed.alice.isActive, session.isFinished]).toEqual([true, true]);
    expect(await bed.loop.event('action.downgraded')).toMatchObject({ realm: REALM, user: 'alice' });
    expect(bed.loop.mailbox.mails.some((mail) => mail.text.includes('NOT disabled'))).toBe(true);

    const [waiting] = await bed.loop.storage.state.reader
      .selectFrom('actions')
      .select('id')
      .where('state', '=', 'awaiting_approval')
      .execute();
    await bed.loop.actions.approve(waiting?.id ?? '', 'carol');
    await bed.loop.settled();
    expect(bed.alice.isActive).toBe(false);
  });

  test('the last active administrator there is not disabled, approved or not', async () => {
    await using bed = await startCompanion();
    bed.boss.isSuperuser = false;
    bed.alice.isSuperuser = true;
    const session = addSession(bed.standIn.model, bed.alice);
    await bed.denyThere(bed.alice, 3, session);
    await bed.loop.settled();
    const actions = await bed.actions();
    expect(actions['lock']).toMatchObject({ state: 'downgraded' });
    expect(actions['lock']?.summary).toContain('the last active administrator of jumpserver-1');
    expect(actions['lock:approval']).toBeUndefined();
    expect([bed.alice.isActive, session.isFinished]).toEqual([true, true]);
  });

  test('an administrator beside whom there is another is disabled', async () => {
    await using bed = await startCompanion();
    bed.alice.isSuperuser = true;
    await bed.denyThere(bed.alice, 3, addSession(bed.standIn.model, bed.alice));
    await bed.loop.settled();
    expect(bed.alice.isActive).toBe(false);
  });

  test('the account of the connector does not disable itself', async () => {
    await using bed = await startCompanion();
    const session = addSession(bed.standIn.model, bed.robot);
    await bed.denyThere(bed.robot, 3, session);
    await bed.loop.settled();
    expect((await bed.actions())['lock']?.summary).toContain(
      'the account with which jumpserver-1 is reached',
    );
    expect([bed.robot.isActive, session.isFinished]).toEqual([true, true]);
  });
});

describe('who says so', () => {
  const forged = { session: '3f1c2d4e-5a6b-4c7d-8e9f-0a1b2c3d4e5f' };

  test('datagrams about a session that is not there do nothing to anybody, and people are asked', async () => {
    await using bed = await startCompanion();
    const session = addSession(bed.standIn.model, bed.alice);
    await bed.denyThere(bed.alice, 3, session, forged);
    await bed.loop.event('action.downgraded');
    await bed.loop.settled();
    expect(changes(bed)).toEqual([]);
    const actions = await bed.actions();
    expect([actions['lock']?.state, actions['terminate']?.state]).toEqual(['downgraded', 'downgraded']);
    expect(actions['lock']?.summary).toContain('knows only 0 of the 3 events');
    expect(actions['lock:approval']?.state).toBe('awaiting_approval');
    expect(session.isFinished).toBe(false);
  });

  test('datagrams about somebody else’s session do nothing either', async () => {
    await using bed = await startCompanion();
    await bed.denyThere(bed.alice, 3, addSession(bed.standIn.model, bed.boss));
    await bed.loop.event('action.downgraded');
    await bed.loop.settled();
    expect(changes(bed)).toEqual([]);
  });

  test('forged lines do not stand in the way of what really happened', async () => {
    await using bed = await startCompanion();
    const session = addSession(bed.standIn.model, bed.alice);
    await bed.denyThere(bed.alice, 1, session, forged);
    await bed.denyThere(bed.alice, 2, session);
    await bed.denyThere(bed.alice, 1, session);
    await bed.loop.settled();
    expect(bed.alice.isActive).toBe(false);
  });

  test('the command bears an event out where the session is gone', async () => {
    await using bed = await startCompanion();
    const session = addSession(bed.standIn.model, bed.alice);
    bed.standIn.model.sessions.pop();
    bed.standIn.model.commands.push({
      id: '1',
      session: session.id,
      user: 'Alice Li(alice)',
      input: 'su -',
      timestamp: 1_700_000_000,
    });
    await bed.denyThere(bed.alice, 3, session);
    await bed.loop.settled();
    expect(bed.alice.isActive).toBe(false);
  });

  test('over TLS the sender is known, and nothing else is asked', async () => {
    await using bed = await startCompanion();
    const session = addSession(bed.standIn.model, bed.alice);
    await bed.denyThere(bed.alice, 3, session, {
      ...forged,
      data: { intake: { confirmed: true, transport: 'tls' } },
    });
    await bed.loop.settled();
    expect(bed.alice.isActive).toBe(false);
  });

  test.each([
    ['not confirmed', { intake: { confirmed: false, transport: 'tls' } }],
    ['of unknown origin', {}],
    ['with an origin that makes no sense', { intake: { confirmed: 'true', transport: 'udp' } }],
  ])('a source that is %s opens an offense and never acts', async (_name, data) => {
    await using bed = await startCompanion();
    const session = addSession(bed.standIn.model, bed.alice);
    await bed.denyThere(bed.alice, 3, session, { data });
    await bed.loop.settled();
    expect(changes(bed)).toEqual([]);
    expect(await bed.loop.offenses.show('1')).toMatchObject({ entity: `${REALM}:alice`, status: 'open' });
    expect((await bed.actions())['lock']?.state).toBe('shadowed');
  });
});
