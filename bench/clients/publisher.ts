/** A thread that publishes so many events a second to the storage behind its port. */
import { workerData, type MessagePort } from 'node:worker_threads';
import { createLogger } from '#lib/log.ts';
import { connectStorage } from '#main/storage/connect.ts';
import { publishSteadily } from './publish-steadily.ts';

const { port, perSecond } = workerData as { readonly port: MessagePort; readonly perSecond: number };
const storage = await connectStorage({ port, logger: createLogger('silent') });
await publishSteadily(storage.stream, perSecond, new AbortController().signal);
