/** Where a session is, for people: `root@web01`. */
export function sessionPlace({
  asset,
  account,
}: {
  readonly asset: string | null;
  readonly account: string | null;
}): string {
  return asset === null ? 'in the menu' : `${account ?? '?'}@${asset}`;
}
