import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..', '..', 'content');

/** Folders with the content that is shipped. */
export const CONTENT = {
  rules: join(root, 'rules'),
  playbooks: join(root, 'playbooks'),
  logSources: join(root, 'log-sources'),
} as const;
