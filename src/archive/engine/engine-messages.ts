/** What the server tells the engine process. A `connection` travels with the accepted socket. */
export type ToEngine =
  | {
      readonly kind: 'start';
      /** Folder of the engine's files. */
      readonly path: string;
      readonly memoryBytes: number;
      readonly keepFreeBytes: number;
      readonly username: string;
      readonly password: string;
    }
  | { readonly kind: 'connection' }
  | { readonly kind: 'stop' };

/** What the engine process tells the server. */
export type FromEngine =
  | { readonly kind: 'ready'; readonly version: string }
  | { readonly kind: 'failed'; readonly message: string }
  /** The oldest connection that was handed over has arrived. */
  | { readonly kind: 'connected' }
  | { readonly kind: 'alive'; readonly rssBytes: number };

/** The engine says so that it lives, and how large it is, this often. */
export const ALIVE_EVERY_MS = 5_000;
