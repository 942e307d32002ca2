/**
 * Who may import whom. Rooms are the folders below `src/`. `lib` knows nothing of ours; `domain` is pure;
 * data goes one way. A room that is not listed may import nothing.
 */
const BASE = ['contract', 'lib', 'domain'] as const;
const SERVICES = ['config', 'vault', 'identity', 'state', 'stream', 'control', 'recording'] as const;

export const LAYERS: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  contract: ['lib'],
  domain: ['contract', 'lib'],
  config: BASE,
  vault: [...BASE, 'state'],
  identity: [...BASE, 'vault', 'state'],
  state: BASE,
  stream: BASE,
  control: BASE,
  recording: [...BASE, 'vault', 'state', 'stream'],
  archive: [...BASE, 'stream'],
  gateway: [...BASE, ...SERVICES],
  intake: [...BASE, 'stream', 'state', 'config'],
  detector: [...BASE, 'stream', 'state', 'archive'],
  export: [...BASE, 'stream', 'state'],
  responder: [...BASE, 'state', 'stream', 'control', 'identity', 'vault', 'archive', 'config'],
  api: [...BASE, ...SERVICES, 'archive', 'responder', 'export'],
  cli: ['contract', 'lib', 'domain', 'recording', 'config'],
  main: [
    ...BASE,
    ...SERVICES,
    'archive',
    'gateway',
    'intake',
    'detector',
    'export',
    'responder',
    'api',
    'cli',
  ],
};

/** What `domain` may take from Node: nothing that does I/O, tells the time or throws dice. */
export const PURE_ROOMS: ReadonlySet<string> = new Set(['domain', 'contract']);

/** Folder names that say nothing. */
export const FORBIDDEN_FOLDERS: ReadonlySet<string> = new Set([
  'utils',
  'util',
  'helpers',
  'helper',
  'common',
  'misc',
  'shared',
]);

export const MAX_LINES = 500;
export const MAX_DEPTH = 4;
