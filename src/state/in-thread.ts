import { MessageChannel } from 'node:worker_threads';
import { connectRpc, serveRpc } from '#lib/rpc.ts';
import type { EmittingState } from './outbox-relay.ts';
import type { StateCalls } from './sqlite/calls.ts';
import { connectSqliteState, migrateSqliteState } from './sqlite/client.ts';
import { StateDatabase } from './sqlite/database.ts';

/**
 * The state database with both ends of the port on the calling thread, which its queries block: for unit
 * tests and offline tools, never for a server.
 */
export async function openStateInThread(file: string): Promise<EmittingState> {
  const database = new StateDatabase(file);
  const { port1, port2 } = new MessageChannel();
  serveRpc(port1, database.serve(port1));
  const client = connectRpc<StateCalls>(port2);
  await migrateSqliteState(client);
  const state = connectSqliteState(client);
  return {
    ...state,
    async [Symbol.asyncDispose]() {
      await state[Symbol.asyncDispose]();
      client.close(new Error('the state database is closed'));
      port2.close();
      database[Symbol.dispose]();
    },
  };
}
