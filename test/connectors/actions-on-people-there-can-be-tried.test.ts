import { expect, test } from 'vitest';
import { addSession, REALM, startCompanion } from './companion-bed.ts';

const set = { realm: REALM, user: 'Alice Li(alice)' };
const looks = (calls: readonly { readonly what: string }[]): boolean =>
  calls.every(({ what }) => what.startsWith('GET '));

test('a trial on a person of another realm tells what is there, and changes nothing there or here', async () => {
  await using bed = await startCompanion();
  addSession(bed.standIn.model, bed.alice);
  const lock = await bed.loop.trials.run({ name: 'lock', set, send: false });
  expect(lock).toMatchObject({
    target: `${REALM}:alice`,
    before: { locks: [], sessions: [{ channels: ['ssh session'] }] },
    state: 'shadowed',
    summary: `alice at ${REALM} would have been disabled`,
    objections: [],
  });
  const cut = await bed.loop.trials.run({ name: 'terminate', set, send: false });
  expect(cut.summary).toBe(`1 sessions of alice at ${REALM} would have been ended`);
  const mail = await bed.loop.trials.run({ name: 'mail', set: { ...set, to: 'person' }, send: false });
  expect(mail.mail).toMatchObject({ to: [bed.alice.email] });
  expect(bed.alice.isActive).toBe(true);
  expect(looks(bed.standIn.calls)).toBe(true);
  expect(await bed.loop.storage.state.reader.selectFrom('locks').selectAll().execute()).toEqual([]);
});

test('guards there are asked as well', async () => {
  await using bed = await startCompanion({ config: { breakGlassUsers: ['alice'] } });
  const objections = async (user: string): Promise<readonly string[]> =>
    (await bed.loop.trials.run({ name: 'lock', set: { ...set, user }, send: false })).objections.map(
      ({ guard }) => guard,
    );
  expect(await objections('alice')).toEqual(['break-glass']);
  expect(await objections('portcullis')).toEqual(['own-account']);
});

test('somebody whom nobody has there, a realm without a connector, a bastion that is silent', async () => {
  await using bed = await startCompanion();
  const tried = (changed: Readonly<Record<string, string>>): ReturnType<typeof bed.loop.trials.run> =>
    bed.loop.trials.run({ name: 'lock', set: { ...set, ...changed }, send: false });
  expect(await tried({ user: 'nobody' })).toMatchObject({
    state: 'failed',
    summary: `not locked: there is no user nobody at ${REALM}`,
  });
  await expect(tried({ realm: 'nowhere' })).rejects.toMatchObject({
    code: 'E_INPUT',
    problems: [{ path: 'set.realm' }],
  });
  await bed.standIn[Symbol.asyncDispose]();
  expect(await tried({})).toMatchObject({ state: 'retrying', before: { sessions: [] }, objections: [] });
});
