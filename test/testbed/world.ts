import { createWorld, type World, type WorldOptions } from '#main/demo/world.ts';
import { freePort } from './sshd.ts';
import type { SshOptions } from './ssh.ts';

/** The demo's world on free ports: a server process, a real asset, a real mailbox, alice and bob. */
export async function startWorld(options: Omit<WorldOptions, 'sshPort' | 'httpPort'> = {}): Promise<World> {
  return createWorld({ sshPort: await freePort(), httpPort: await freePort(), ...options });
}

/** How alice reaches an asset of the world. */
export function asAlice(world: World, asset: string, more: Partial<SshOptions> = {}): SshOptions {
  return {
    folder: world.folder,
    port: world.server.sshPort,
    user: `alice@${world.account}@${asset}`,
    password: world.people.alice.password,
    ...more,
  };
}
