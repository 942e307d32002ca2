import { accessibleTargets } from '#domain/access/targets.ts';
import type { StateReader } from '#state/state.ts';
import type { LoginTarget } from '../login.ts';
import { currentSubject } from './authorize.ts';
import type { ChannelControls } from './client-requests.ts';
import type { ChannelHost } from './channel-host.ts';
import type { PersonChannel } from './person-channel.ts';

/** Shows the menu until the person chooses, asks to set up a second factor, or leaves (undefined). */
export async function chooseTarget(
  connection: ChannelHost,
  person: PersonChannel,
  controls: ChannelControls,
): Promise<LoginTarget | 'second-factor' | undefined> {
  const { services, login, messages } = connection;
  using _open = connection.menuOpened();
  const [subject, facts, inventory] = await Promise.all([
    currentSubject(services, login),
    services.policy.facts(),
    readInventory(services.state.reader),
  ]);
  const targets = subject === undefined ? [] : accessibleTargets(subject, facts, inventory);
  if (targets.length === 0) {
    person.say(messages.nothingGranted());
    return undefined;
  }
  const menu = services.openMenu({
    assets: targets.map(({ asset, accounts }) => ({
      asset,
      accounts: accounts.map(({ account }) => account),
    })),
    language: login.language,
    columns: person.pty?.columns ?? 80,
    rows: person.pty?.rows ?? 24,
  });
  const show = (text: string): void => person.port.send(Buffer.from(text), 'data');
  const { promise, resolve } = Promise.withResolvers<LoginTarget | 'second-factor' | undefined>();
  show(menu.start());
  controls.resized = (pty) => show(menu.resize(pty.columns, pty.rows));
  person.listen({
    data: (bytes) => {
      connection.touch();
      person.port.consumed(bytes.length);
      // Held input does not move the menu either.
      if (connection.isFrozen) return;
      const answer = menu.input(bytes);
      show(answer.output);
      if (answer.quit === true) resolve(undefined);
      else if (answer.wantsSecondFactor === true) resolve('second-factor');
      else if (answer.choice !== undefined) resolve(answer.choice);
      // What was typed behind the choice belongs to the session and waits for it.
      if (answer.quit === true || answer.wantsSecondFactor === true || answer.choice !== undefined)
        person.pause();
    },
    eof: () => resolve(undefined),
    closed: () => resolve(undefined),
    sent: () => undefined,
  });
  try {
    return await promise;
  } finally {
    controls.resized = () => undefined;
  }
}

async function readInventory(
  reader: StateReader,
): Promise<readonly { readonly name: string; readonly accounts: readonly string[] }[]> {
  const rows = await reader
    .selectFrom('assets')
    .innerJoin('accounts', 'accounts.assetId', 'assets.id')
    .select(['assets.name', 'accounts.username'])
    .orderBy('assets.nameKey')
    .orderBy('accounts.username')
    .execute();
  return [...Map.groupBy(rows, (row) => row.name)].map(([name, accounts]) => ({
    name,
    accounts: accounts.map((row) => row.username),
  }));
}
