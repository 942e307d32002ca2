import { expect, test } from 'vitest';
import { openBed } from './bed.ts';
import { ssh } from './run-ssh.ts';

test('the first session of somebody on an asset is told from later ones', async () => {
  await using bed = await openBed({ logLevel: 'warn' });
  const visits = [];
  for (const word of ['once', 'twice']) {
    await ssh([...bed.ssh(`alice@${bed.sshd.account}@web01`), `echo ${word}`]);
    const { session } = await bed.event('command.allowed', (event) => event.command === `echo ${word}`);
    const started = await bed.event('session.started', (event) => event.session === session);
    visits.push(started.data['firstVisit']);
  }
  expect(visits).toEqual([true, false]);
});
