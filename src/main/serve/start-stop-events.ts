import { makeEvent } from '#contract/event.ts';
import { newId } from '#lib/ids.ts';
import type { Clock } from '#lib/time.ts';
import type { State } from '#state/state.ts';

const SETTING = 'server.running';

/** Notes in the state database that the server runs; what is found there from before was a crash. */
export async function noteStart(
  state: State,
  clock: Clock,
  version: string,
): Promise<{ readonly afterCrash: boolean }> {
  return state.transact(async (tx, emit) => {
    const now = clock();
    const before = await tx
      .selectFrom('settings')
      .select('value')
      .where('key', '=', SETTING)
      .executeTakeFirst();
    if (before !== undefined) {
      emit(
        makeEvent('system.crashed', newId(now), now, {
          message: 'The server had ended without stopping in good order.',
          data: { startedAt: Number(before.value) },
        }),
      );
    }
    emit(makeEvent('system.started', newId(now), now, { data: { version } }));
    const value = String(now);
    await tx
      .insertInto('settings')
      .values({ key: SETTING, value })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
      .execute();
    return { afterCrash: before !== undefined };
  });
}

export async function noteStop(state: State, clock: Clock): Promise<void> {
  await state.transact(async (tx, emit) => {
    const now = clock();
    await tx.deleteFrom('settings').where('key', '=', SETTING).execute();
    emit(makeEvent('system.stopped', newId(now), now, {}));
  });
}
