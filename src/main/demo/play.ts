import { authenticatorCode } from './authenticator.ts';
import type { ReceivedMail } from './mailbox.ts';
import { item, observe } from './observe.ts';
import { runSsh, startSsh, type SshOptions, type SshRun } from './ssh-client.ts';
import type { Timeline } from './timeline.ts';
import type { World } from './world.ts';

/**
 * Acts the whole story with the machine's own ssh, and passes a step only when it was observed from outside:
 * on a screen, by an exit code, in a mailbox, through the API. Throws at the first that is not as told.
 */
export async function play(world: World, timeline: Timeline): Promise<void> {
  const { server, mailbox, folder, account } = world;
  const alice = (password: string, asset: string): SshOptions => ({
    folder,
    port: server.sshPort,
    user: `alice@${account}@${asset}`,
    password,
    terminal: true,
  });
  const oldPassword = world.people.alice.password;
  timeline.step('ready', `server answers ${Math.round(server.startedInMs)} ms after its start`);

  const first = await startSsh(alice(oldPassword, 'web01'));
  await prompt(first);
  timeline.step('logged in', 'alice has a shell on web01');
  const second = await startSsh(alice(oldPassword, 'db01'));
  await prompt(second);
  timeline.step('logged in', 'alice has another on db01');
  const worked = await runSsh({
    ...alice(oldPassword, 'web01'),
    terminal: false,
    command: ['echo', 'work', 'done'],
  });
  expect(
    worked.code === 0 && worked.screen.includes('work done'),
    `the command ran (${worked.code}: ${worked.screen})`,
  );
  timeline.step('worked', 'a command ran and its output came back');

  for (const [run, line] of [
    [first, 'su -'],
    [second, 'true; su root'],
    [first, '/bin/su'],
  ] as const) {
    await typeForbidden(run, line);
    timeline.step('denied', line);
  }

  expect((await first.exited) !== 0, 'the first session ended with a failure');
  expect((await second.exited) !== 0, 'the second session ended with a failure');
  for (const run of [first, second]) {
    expect(run.screen().includes('Terminated by admin'), `the person was told; screen:\n${run.screen()}`);
  }
  timeline.step('sessions cut', 'both terminals: Terminated by admin');

  const offense = await observe(server, '/v1/offenses?status=open', item({ entity: 'gateway:alice' }));
  timeline.step('offense', `${String(offense['title'])} — ${String(offense['entity'])}`);
  const lock = await observe(server, '/v1/locks', item({ targetKind: 'user', target: 'alice' }));
  timeline.step('lock', `user alice, mode ${String(lock['mode'])}`);
  const refused = await runSsh({ ...alice(oldPassword, 'web01'), terminal: false, command: ['true'] });
  expect(
    refused.code === 255 && refused.screen.includes('Permission denied'),
    `the login was refused (${refused.code}: ${refused.screen})`,
  );
  timeline.step('login refused', 'as if the password were mistyped');
  const bob = await runSsh({
    folder,
    port: server.sshPort,
    user: `bob@${account}@web01`,
    password: world.people.bob.password,
    command: ['true'],
  });
  expect(bob.code === 0, `bob is untouched (${bob.code}: ${bob.screen})`);
  timeline.step('others untouched', 'bob still works');
  const report = await mailbox.waitFor((mail) => mail.to.includes('security@example.test'));
  timeline.step('mail', `to the responders: ${report.subject}`);

  const started = await server.api('POST', '/v1/users/alice/recovery', {});
  expect(started.status < 300, `recovery started (${started.status}: ${JSON.stringify(started.body)})`);
  const mail = await mailbox.waitFor(
    (one) => one.to.includes('alice@example.test') && linkIn(one) !== undefined,
  );
  const link = linkIn(mail) ?? '';
  timeline.step('recovery', 'the old password is dead; a one-time link is in the mailbox');
  const newPassword = 'a new and longer pass phrase';
  const authenticator = await recover(link, newPassword);
  timeline.step('new password', 'set on the page behind the link');
  timeline.step('second factor', 'an authenticator was set up on the same page');
  const again = await recover(link, 'somebody else tries the link').then(
    () => 'worked',
    () => 'refused',
  );
  expect(again === 'refused', 'the link works once');

  // The code of this moment was used up by setting the authenticator up: the next one counts.
  const code = authenticatorCode(authenticator, Date.now() + STEP_MS);
  const back = await startSsh({ ...alice(newPassword, 'web01'), code });
  await prompt(back);
  timeline.step('logged in again', 'alice, with the new password and a code');
  const twice = await runSsh({ ...alice(newPassword, 'web01'), code, terminal: false, command: ['true'] });
  expect(twice.code === 255, 'a code counts once');
  timeline.step('code refused', 'the same code a second time');
  const fresh = authenticatorCode(authenticator, Date.now() + STEP_MS);
  const old = await runSsh({
    ...alice(oldPassword, 'web01'),
    code: fresh,
    terminal: false,
    command: ['true'],
  });
  expect(old.code === 255, 'the old password stays dead');
  timeline.step('old password refused', 'as it must be');
  await observe(server, '/v1/offenses?status=closed', item({ entity: 'gateway:alice' }));
  timeline.step('offense closed', 'the rule is armed again');

  // A person goes on when the prompt is back: what is typed before counts as the rest of the stopped line.
  let refusedAt = 0;
  for (const line of ['su', 'passwd', 'su -l']) {
    await prompt(back, refusedAt);
    refusedAt = await typeForbidden(back, line);
  }
  await back.exited;
  const repeated = await observe(
    server,
    '/v1/offenses?status=open',
    item({ entity: 'gateway:alice', episode: 2 }),
  );
  timeline.step(
    'second episode',
    `three more denials: offense ${String(repeated['number'])}, episode ${String(repeated['episode'])}`,
  );
}

const STEP_MS = 30_000;

/** Waits for a shell prompt: what this person may type next is shown by the shell, not guessed. */
async function prompt(run: SshRun, from = 0): Promise<void> {
  await run.shows(/[$#] (?:\u001B\[[0-9;?]*[a-z])*$/i, from);
}

/** Types a forbidden line and sees it refused. Returns where on the screen the refusal ends. */
async function typeForbidden(run: SshRun, line: string): Promise<number> {
  const refusal = /Command `[^`]*` is forbidden/g;
  refusal.lastIndex = run.screen().length;
  const from = refusal.lastIndex;
  run.type(`${line}\r`);
  await run.shows(/Command `[^`]*` is forbidden/, from);
  refusal.exec(run.screen());
  return refusal.lastIndex;
}

function expect(condition: boolean, what: string): void {
  if (!condition) throw new Error(`not as told: ${what}`);
}

function linkIn(mail: ReceivedMail): string | undefined {
  return /https?:\/\/\S+\/recover\/[\w-]+/.exec(mail.text)?.[0];
}

/** Fills in the page: a password, and the code of an authenticator. Returns the secret of that. */
async function recover(link: string, password: string): Promise<string> {
  const page = await fetch(link);
  const html = await page.text();
  expect(page.ok && html.includes('<form'), `the page answers with a form (${page.status})`);
  const secret = /<code>([A-Z2-7 ]{32,})<\/code>/.exec(html)?.[1] ?? '';
  const code = authenticatorCode(secret, Date.now());
  const answer = await fetch(link, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ password, repeat: password, code }),
    redirect: 'manual',
  });
  const text = await answer.text();
  expect(answer.status < 400, `the new password was accepted (${answer.status}: ${text.slice(0, 500)})`);
  expect((text.match(/<li><code>/g) ?? []).length === 10, 'ten recovery codes are shown');
  return secret;
}
