import { authenticatorCode } from '#main/demo/authenticator.ts';
import type { World } from '#main/demo/world.ts';
import { startSsh } from './ssh.ts';
import { asAlice } from './world.ts';

/** Sets an authenticator up as the terminal says, after one wrong code. Returns what the person took down. */
export async function setUpAuthenticator(
  world: World,
  user = 'alice',
): Promise<{ secret: string; recoveryCodes: string[] }> {
  const run = await startSsh(asAlice(world, '', { user, terminal: true }));
  await run.shows('Verification code');
  const secret = /secret into the app: ([A-Z2-7 ]+)/.exec(run.screen())?.[1]?.trim() ?? '';
  run.type('000000\r');
  await run.shows('This is not the code');
  run.type(`${authenticatorCode(secret, Date.now())}\r`);
  await run.shows('Press Enter to go on');
  const recoveryCodes = run.screen().match(/[a-z2-7]{4}(?:-[a-z2-7]{4}){3}/g) ?? [];
  run.type('\r');
  await run.shows('web01');
  run.type('q\r');
  const code = await run.exited;
  if (code !== 0) throw new Error(`the set-up ended with ${code}: ${run.screen()}`);
  return { secret, recoveryCodes };
}
