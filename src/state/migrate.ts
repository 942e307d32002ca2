import { sql, type Kysely } from 'kysely';
import { PortcullisError } from '#contract/errors.ts';
import type { Clock } from '#lib/time.ts';
import { toStateError } from './errors.ts';
import type { Engine, Migration } from './migration.ts';
import { MIGRATIONS } from './migrations/index.ts';
import type { StateTables } from './schema.ts';

interface MigrationTables {
  readonly schema_migrations: { readonly stamp: string; readonly appliedAt: number };
}

/**
 * Applies the migrations that the database has not seen, all in one transaction: after a crash it is at the
 * old version or at the new one. `writer` grants transactions one at a time, over all processes.
 *
 * @throws E_STATE_VERSION when the database was written by a newer version.
 */
export async function migrate(
  writer: Kysely<StateTables>,
  engine: Engine,
  clock: Clock,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  const int = sql.raw(engine === 'sqlite' ? 'integer' : 'bigint');
  const db = writer as unknown as Kysely<MigrationTables>;
  try {
    await db.transaction().execute(async (tx) => {
      await sql`create table if not exists schema_migrations (stamp text primary key, "appliedAt" ${int} not null)`.execute(
        tx,
      );
      const rows = await tx.selectFrom('schema_migrations').select('stamp').execute();
      const applied = new Set(rows.map((row) => row.stamp));
      refuseNewer(applied, migrations);
      for (const migration of migrations) {
        if (applied.has(migration.stamp)) continue;
        await migration.up(tx as unknown as Kysely<unknown>, engine);
        await tx
          .insertInto('schema_migrations')
          .values({ stamp: migration.stamp, appliedAt: clock() })
          .execute();
      }
    });
  } catch (error) {
    throw toStateError(error);
  }
}

function refuseNewer(applied: ReadonlySet<string>, migrations: readonly Migration[]): void {
  const known = new Set(migrations.map((migration) => migration.stamp));
  const unknown = [...applied].filter((stamp) => !known.has(stamp)).sort();
  if (unknown.length === 0) return;
  throw new PortcullisError(
    'E_STATE_VERSION',
    `The state database was written by a newer version of Portcullis (it has ${unknown.join(', ')}, which this version does not know). Run that version, or restore the backup made before the upgrade.`,
  );
}
