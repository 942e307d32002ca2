import { type DisplayNames, displayText } from '#contract/jumpserver/manner.ts';
import { nameKey } from '#contract/names.ts';
import type { StateReader } from '#state/state.ts';

/** Names as they are now. Events outlive users and assets: who is gone is written by the user name alone. */
export async function readDisplayNames(db: StateReader): Promise<DisplayNames> {
  const [users, assets] = await Promise.all([
    db.selectFrom('users').select(['usernameKey', 'username', 'name']).execute(),
    db.selectFrom('assets').select(['nameKey', 'name', 'address']).execute(),
  ]);
  const byUser = new Map(users.map((row) => [row.usernameKey, displayText(row.name, row.username)]));
  const byAsset = new Map(assets.map((row) => [row.nameKey, displayText(row.name, row.address)]));
  return {
    user: (username) => byUser.get(nameKey(username)) ?? displayText(username, username),
    asset: (name) => byAsset.get(nameKey(name)) ?? name,
  };
}
