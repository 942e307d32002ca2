/** A thread of the storage tests: connects over the port it is given and does what it is told. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { makeEvent } from '#contract/event.ts';
import { createLogger } from '#lib/log.ts';
import { connectStorage } from '#main/storage/connect.ts';

const { port, task } = workerData as { readonly port: MessagePort; readonly task: string };
const { state, stream } = await connectStorage({ port, logger: createLogger('silent') });
const never = Promise.withResolvers<void>();

switch (task) {
  case 'hold a transaction and die':
    await state.transact(async (tx) => {
      await tx.insertInto('settings').values({ key: 'unfinished', value: '' }).execute();
      parentPort?.postMessage('holding');
      await never.promise;
    });
    break;
  case 'commit, publish and read': {
    const fixed = '00000000-0000-7000-8000-000000000001';
    await state.transact(async (tx, emit) => {
      await tx.insertInto('settings').values({ key: 'from a thread', value: '' }).execute();
      emit(makeEvent('object.created', fixed, 1, { message: 'emitted' }));
    });
    const [entry] = await stream.read(0, 1, new AbortController().signal);
    parentPort?.postMessage(entry?.event.message);
    break;
  }
  default:
    throw new Error(`no such task: ${task}`);
}
