import { makeEvent } from '#contract/event.ts';
import type { NewId } from '#lib/ids.ts';
import type { Clock } from '#lib/time.ts';
import type { State } from '#state/state.ts';
import type { HostKey } from './host-keys.ts';
import type { UpstreamTarget } from './target.ts';

/**
 * Pins the key of an asset at first use. False when the asset has another pinned key by now: of two first
 * connections at once only one decides.
 */
export function pinHostKey(
  services: { readonly state: State; readonly clock: Clock; readonly newId: NewId },
  target: UpstreamTarget,
  who: { readonly user: string; readonly session: string },
  key: HostKey,
): Promise<boolean> {
  return services.state.transact(async (tx, emit) => {
    const pinned = await tx
      .selectFrom('asset_host_keys')
      .select('blob')
      .where('assetId', '=', target.assetId)
      .execute();
    if (pinned.length > 0) return pinned.some((one) => one.blob === key.blob);
    const now = services.clock();
    await tx
      .insertInto('asset_host_keys')
      .values({
        assetId: target.assetId,
        algorithm: key.algorithm,
        blob: key.blob,
        origin: 'first-use',
        pinnedAt: now,
      })
      .execute();
    emit(
      makeEvent('asset.host_key_pinned', services.newId(now), now, {
        user: who.user,
        session: who.session,
        asset: target.asset,
        data: { algorithm: key.algorithm, key: key.blob },
      }),
    );
    return true;
  });
}
