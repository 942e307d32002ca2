import { spawn } from 'node:child_process';
import type { Size } from './late-reading.ts';

/** What a program prints on a terminal of that size, to its end. `keys` are typed ahead. */
export async function printed(command: string, keys: string, size: Size): Promise<Buffer> {
  const inner = `stty rows ${size.rows} cols ${size.columns}; ${command}`;
  const child = spawn('script', ['-qfec', inner, '/dev/null'], {
    env: {
      PATH: '/usr/bin:/bin',
      HOME: '/nonexistent',
      TERM: 'xterm-256color',
      LANG: 'C.UTF-8',
      SHELL: '/bin/sh',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.on('error', () => undefined);
  child.stdin.write(keys);
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
