import { MessagePort } from 'node:worker_threads';

/** What the owner of the storage worker may ask of it. */
export type StorageControl = {
  /** Takes the data directory and opens the files in it. */
  readonly storageOpen: (dataDir: string) => void;
  /** Commits what waits, rolls back what is open, closes the files; then the thread ends. */
  readonly storageClose: () => void;
};

/** Hands a port to the worker. A message of its own, because a port must be transferred, not cloned. */
export interface AttachMessage {
  readonly kind: 'attach';
  readonly port: MessagePort;
}

export function isAttachMessage(message: unknown): message is AttachMessage {
  return (
    typeof message === 'object' &&
    message !== null &&
    'kind' in message &&
    message.kind === 'attach' &&
    'port' in message &&
    message.port instanceof MessagePort
  );
}
