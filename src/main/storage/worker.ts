/**
 * The storage worker: the one thread that touches the SQLite files, for any number of clients. Node calls
 * here are synchronous, so nothing else may live on this thread.
 */
import { join } from 'node:path';
import { parentPort, type MessagePort } from 'node:worker_threads';
import { serveRpc } from '#lib/rpc.ts';
import { acquireDataDirLock } from '#state/data-dir-lock.ts';
import { StateDatabase } from '#state/sqlite/database.ts';
import { JournalServer } from '#stream/journal/server.ts';
import { isAttachMessage, type StorageControl } from './control-calls.ts';

if (parentPort === null) throw new Error('the storage worker is started by the main thread');
const control = parentPort;
const ports = new Set<MessagePort>();
const opened = new DisposableStack();
let serve: ((port: MessagePort) => void) | undefined;

const calls: StorageControl = {
  storageOpen(dataDir) {
    opened.use(acquireDataDirLock(dataDir));
    const state = opened.use(new StateDatabase(join(dataDir, 'state.db')));
    const journal = opened.use(new JournalServer(join(dataDir, 'journal.db')));
    serve = (port) => serveRpc(port, { ...state.serve(port), ...journal.serve(port) });
  },
  storageClose() {
    for (const port of ports) port.close();
    opened.dispose();
    // With its last port closed the thread ends by itself, after the answer has left.
    setImmediate(() => control.close());
  },
};

serveRpc(control, calls);
control.on('message', (message: unknown) => {
  if (!isAttachMessage(message)) return;
  const { port } = message;
  if (serve === undefined) {
    port.close();
    return;
  }
  ports.add(port);
  port.on('close', () => ports.delete(port));
  serve(port);
});
