/**
 * `npm run demo`: everything embedded, on loopback, with a real sshd as the asset and a captured mailbox.
 * `--play` acts the story by itself and exits 0 only if each step was observed from outside; `--json` prints
 * its steps as JSON lines.
 */
import { once } from 'node:events';
import { freePort } from './sshd.ts';
import { play } from './play.ts';
import { aptLine, missingPrograms, type Program } from './programs.ts';
import { Timeline } from './timeline.ts';
import { createWorld, type World } from './world.ts';

const EX_UNAVAILABLE = 69;
const NEEDED: readonly Program[] = ['sshd', 'ssh', 'ssh-keygen'];

function instructions(world: World): string {
  const { server, people, account } = world;
  return [
    '',
    'Portcullis is running, with an asset behind it. In another terminal:',
    '',
    `  ssh -p ${server.sshPort} alice@127.0.0.1                      the menu (password: ${people.alice.password})`,
    `  ssh -p ${server.sshPort} alice@${account}@web01@127.0.0.1          straight to the asset`,
    '',
    'Type `su` three times and watch the gate drop. Then bring alice back:',
    '',
    `  bin/portcullis --data ${server.dataDir} offense list`,
    `  bin/portcullis --data ${server.dataDir} recover alice`,
    '',
    `Mails appear here. The API is at ${server.httpUrl}/docs. Ctrl-C stops everything and removes the data.`,
    '',
  ].join('\n');
}

async function runDemo(args: readonly string[]): Promise<number> {
  const missing = missingPrograms(NEEDED);
  if (missing.length > 0) {
    console.error(
      `The demo needs real programs, and these are missing: ${missing.join(', ')}.\nInstall them and run again:\n\n  sudo ${aptLine(missing)}\n`,
    );
    return EX_UNAVAILABLE;
  }
  const story = args.includes('--play');
  const json = args.includes('--json');
  const timeline = new Timeline({
    json,
    colour:
      process.env['NO_COLOR'] === undefined &&
      (process.stdout.isTTY || process.env['FORCE_COLOR'] !== undefined),
    write: (line) => console.log(line),
  });
  // The story runs beside whatever else is on this machine; a person wants ports to remember.
  const ports = story
    ? { sshPort: await freePort(), httpPort: await freePort() }
    : { sshPort: 2222, httpPort: 8080 };
  await using world = await createWorld(ports);
  if (story) {
    await play(world, timeline);
    timeline.say('\nEvery step was observed from outside.');
    return 0;
  }
  console.log(instructions(world));
  void (async () => {
    for (const seen = new Set<unknown>(); ;) {
      const mail = await world.mailbox.waitFor((one) => !seen.has(one));
      seen.add(mail);
      console.log(`── mail to ${mail.to.join(', ')} ── ${mail.subject}\n${mail.text}\n`);
    }
  })();
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  return 0;
}

process.exitCode = await runDemo(process.argv.slice(2));
