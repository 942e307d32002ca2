import type { Compilable } from 'kysely';
import type { StateTransaction } from './state.ts';

/**
 * Statements of one transaction whose answers nobody reads: each is sent without waiting for the one before it,
 * which saves a way to the database and back for every one. They run in the order in which they were added, and
 * before whatever is asked of the transaction later.
 */
export interface Statements {
  add(statement: Compilable): void;
}

/**
 * Does the work, then waits for the statements that it added.
 *
 * @throws the first failure: what is asked of a transaction after a statement failed only says that it did
 */
export async function withStatements<T>(
  tx: StateTransaction,
  work: (statements: Statements) => Promise<T>,
): Promise<T> {
  const sent: Promise<unknown>[] = [];
  const working = work({
    add(statement) {
      const answer = tx.executeQuery(statement);
      // Heard of below; until then nobody waits for it.
      answer.catch(() => undefined);
      sent.push(answer);
    },
  });
  await working.catch(() => undefined);
  await Promise.all(sent);
  return working;
}
