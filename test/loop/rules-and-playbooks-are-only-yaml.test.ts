import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startLoop, type LoopBed } from './loop-bed.ts';

/** Puts one rule and one playbook into folders of their own. */
async function content(
  rule: string,
  playbook: string,
): Promise<{ folder: string; rules: string; playbooks: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-content-'));
  const rules = join(folder, 'rules');
  const playbooks = join(folder, 'playbooks');
  await mkdir(rules);
  await mkdir(playbooks);
  await writeFile(join(rules, 'own.yml'), rule);
  await writeFile(join(playbooks, 'own.yaml'), playbook);
  return { folder, rules, playbooks };
}

async function withContent(
  rule: string,
  playbook: string,
  work: (bed: LoopBed) => Promise<void>,
): Promise<void> {
  const { folder, rules, playbooks } = await content(rule, playbook);
  try {
    await using bed = await startLoop({ ruleFolders: [rules], playbookFolders: [playbooks] });
    await work(bed);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const MANY_ASSETS = (mode: string): string => `title: Session
name: session
logsource: {product: portcullis, category: session}
detection:
  started: {type: session.started}
  condition: started
---
title: Many assets in a short time
name: many_assets
level: medium
correlation:
  type: value_count
  rules: [session]
  group-by: [user]
  timespan: 10m
  condition: {gte: 3, field: asset}
portcullis: {mode: ${mode}, family: many-assets, playbook: freeze-only, entity: user}
`;

const FREEZE_ONLY = `name: freeze-only
title: Freeze
actions:
  - {id: freeze, action: lock, with: {mode: freeze, expires: 8h}}
  - {id: tell, action: mail, with: {to: responders}}
`;

const visit = async (bed: LoopBed, ...assets: readonly string[]): Promise<void> => {
  for (const asset of assets) await bed.publish('session.started', { user: 'alice', asset });
};

test('another rule, another threshold, another playbook: other words in two files', async () => {
  await withContent(MANY_ASSETS('auto'), FREEZE_ONLY, async (bed) => {
    await bed.addUser('alice');
    await visit(bed, 'web01', 'web01', 'web02', 'WEB02');
    await bed.deny('alice', 9);
    expect((await bed.settled()).filter((event) => event.type === 'rule.fired')).toEqual([]);
    await visit(bed, 'db01');
    await bed.settled();
    const [lock] = await bed.locks.inForce();
    expect(lock).toMatchObject({ target: 'alice', mode: 'freeze' });
    expect(lock?.expiresAt).toBeGreaterThan(Date.now() + 7 * 3_600_000);
    expect(bed.mailbox.mails.map((mail) => mail.subject)).toEqual([
      '[Portcullis] Offense 1: Many assets in a short time (gateway:alice, episode 1)',
    ]);
  });
});

test('shadow runs the whole plan and changes nothing', async () => {
  await withContent(MANY_ASSETS('shadow'), FREEZE_ONLY, async (bed) => {
    await bed.addUser('alice');
    await visit(bed, 'web01', 'web02', 'db01');
    await bed.settled();
    expect(await bed.locks.inForce()).toEqual([]);
    expect(bed.mailbox.mails).toEqual([]);
    const detail = await bed.offenses.show('1');
    expect(detail?.actions.map((one) => one.state)).toEqual(['shadowed', 'shadowed']);
    expect(detail?.actions[0]?.result).toContain('alice would have been locked (freeze)');
  });
});

test('approve tells the responders at once and acts only when somebody says so', async () => {
  await withContent(MANY_ASSETS('approve'), FREEZE_ONLY, async (bed) => {
    await bed.addUser('alice');
    await visit(bed, 'web01', 'web02', 'db01');
    await bed.settled();
    expect(await bed.locks.inForce()).toEqual([]);
    expect(bed.mailbox.mails).toHaveLength(1);
    const waiting = (await bed.offenses.show('1'))?.actions.find((one) => one.state === 'awaiting_approval');
    expect(await bed.actions.approve(waiting?.id ?? '', 'carol')).toBe(true);
    expect(await bed.actions.approve(waiting?.id ?? '', 'carol')).toBe(false);
    const events = await bed.settled();
    expect(await bed.locks.inForce()).toMatchObject([{ target: 'alice' }]);
    expect(events.filter((event) => event.type === 'action.decided')).toMatchObject([
      { actor: 'carol', user: 'alice', data: { name: 'lock', step: 1, decision: 'approved', episode: 1 } },
    ]);
  });
});

test('approve: a no is a no, and silence for an hour is one too', async () => {
  let aheadMs = 0;
  const { folder, rules, playbooks } = await content(MANY_ASSETS('approve'), FREEZE_ONLY);
  try {
    await using bed = await startLoop({
      ruleFolders: [rules],
      playbookFolders: [playbooks],
      clock: () => Date.now() + aheadMs,
    });
    await bed.addUser('alice');
    await visit(bed, 'web01', 'web02', 'db01');
    await bed.settled();
    const state = async (): Promise<string | undefined> => (await bed.offenses.show('1'))?.actions[0]?.state;
    aheadMs = 3_599_000;
    expect(await bed.actions.expireDue()).toBe(0);
    expect(await state()).toBe('awaiting_approval');
    aheadMs = 3_700_000;
    await bed.actions.expireDue();
    expect(await state()).toBe('expired');
    expect((await bed.settled()).filter((event) => event.type === 'action.decided')).toMatchObject([
      { actor: 'system', data: { decision: 'expired' } },
    ]);
    expect(await bed.locks.inForce()).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

const GRAVER = `---
title: A great many assets
name: great_many_assets
level: critical
correlation:
  type: value_count
  rules: [session]
  group-by: [user]
  timespan: 10m
  condition: {gte: 5, field: asset}
portcullis: {mode: shadow, family: many-assets, playbook: freeze-only, entity: user}
`;

test('an offense is as grave as the gravest rule that fired in it', async () => {
  await withContent(MANY_ASSETS('shadow') + GRAVER, FREEZE_ONLY, async (bed) => {
    await bed.addUser('alice');
    await visit(bed, 'web01', 'web02', 'db01');
    await bed.settled();
    expect(await bed.offenses.show('1')).toMatchObject({ severity: 'medium', episode: 1 });
    await visit(bed, 'db02', 'db03');
    await bed.settled();
    expect(await bed.offenses.show('1')).toMatchObject({ severity: 'critical', episode: 1 });
  });
});

test('a rule that is off does nothing', async () => {
  await withContent(MANY_ASSETS('off'), FREEZE_ONLY, async (bed) => {
    await visit(bed, 'web01', 'web02', 'db01');
    expect((await bed.settled()).filter((event) => event.type === 'rule.fired')).toEqual([]);
  });
});

test('a rule whose playbook does not exist, or cannot fit, stops the start with its place', async () => {
  const wrong = MANY_ASSETS('auto').replace('playbook: freeze-only', 'playbook: nowhere');
  await expect(withContent(wrong, FREEZE_ONLY, () => Promise.resolve())).rejects.toThrow(
    'there is no playbook "nowhere"',
  );
  const address = MANY_ASSETS('auto')
    .replace('group-by: [user]', 'group-by: [address]')
    .replace('entity: user', 'entity: address');
  await expect(withContent(address, FREEZE_ONLY, () => Promise.resolve())).rejects.toThrow('acts on a user');
  const unknown = FREEZE_ONLY.replace(
    'action: lock, with: {mode: freeze, expires: 8h}',
    'action: run-script',
  );
  await expect(withContent(MANY_ASSETS('auto'), unknown, () => Promise.resolve())).rejects.toThrow(
    'no action "run-script"',
  );
});
