import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram } from './programs.ts';

/** The machine's own `ssh`, driven as a person would: typed input, what the screen shows, the exit code. */
export interface SshRun {
  readonly process: ChildProcessWithoutNullStreams;
  /** Everything shown so far, standard output and standard error together. */
  screen(): string;
  /** Resolves when the text shows up after position `from` of the screen; fails when ssh ends first. */
  shows(text: string | RegExp, from?: number): Promise<void>;
  type(text: string): void;
  /** Exit code of ssh. */
  readonly exited: Promise<number | null>;
}

export interface SshOptions {
  readonly folder: string;
  readonly port: number;
  readonly user: string;
  readonly password?: string;
  /** What is answered when a verification code is asked. */
  readonly code?: string;
  readonly identityFile?: string;
  readonly command?: readonly string[];
  readonly terminal?: boolean;
  readonly options?: readonly string[];
}

let askpassCount = 0;

/**
 * OpenSSH asks a program for the password when there is no terminal; this writes one that answers. The question is
 * its first argument.
 */
async function askpass(folder: string, password: string, code: string): Promise<string> {
  const file = join(folder, `askpass-${process.pid}-${askpassCount++}`);
  await writeFile(`${file}.secret`, password, { mode: 0o600 });
  await writeFile(`${file}.code`, code, { mode: 0o600 });
  await writeFile(
    file,
    `#!/bin/sh\ncase $1 in *"erification code"*) exec cat '${file}.code' ;; esac\nexec cat '${file}.secret'\n`,
  );
  await chmod(file, 0o700);
  return file;
}

export async function startSsh(options: SshOptions): Promise<SshRun> {
  const program = findProgram('ssh');
  if (program === undefined) throw new Error('ssh is missing');
  const env: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    TERM: 'xterm-256color',
    LANG: 'C.UTF-8',
    HOME: options.folder,
  };
  const settings = [
    'StrictHostKeyChecking=accept-new',
    `UserKnownHostsFile=${join(options.folder, 'known_hosts')}`,
    'GlobalKnownHostsFile=/dev/null',
    'LogLevel=ERROR',
    'NumberOfPasswordPrompts=1',
    'ServerAliveInterval=0',
  ];
  if (options.password === undefined && options.code === undefined) {
    settings.push('BatchMode=yes', 'PasswordAuthentication=no', 'KbdInteractiveAuthentication=no');
  } else {
    env['SSH_ASKPASS'] = await askpass(options.folder, options.password ?? '', options.code ?? '');
    env['SSH_ASKPASS_REQUIRE'] = 'force';
    env['DISPLAY'] = ':0';
    if (options.identityFile === undefined) settings.push('PubkeyAuthentication=no');
  }
  if (options.identityFile !== undefined)
    settings.push(`IdentityFile=${options.identityFile}`, 'IdentitiesOnly=yes');
  const args = ['-F', 'none', '-p', String(options.port), '-l', options.user];
  for (const setting of settings) args.push('-o', setting);
  args.push(
    ...(options.options ?? []),
    options.terminal === true ? '-tt' : '-T',
    '127.0.0.1',
    ...(options.command ?? []),
  );

  const child = spawn(program, args, { env, stdio: 'pipe' });
  let shown = '';
  const watchers = new Set<() => void>();
  const keep = (chunk: Buffer): void => {
    shown += chunk.toString('utf8');
    for (const watcher of watchers) watcher();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  // A person may keep typing into a connection that is being cut.
  child.stdin.on('error', () => undefined);
  const { promise: exited, resolve } = Promise.withResolvers<number | null>();
  child.on('close', (code) => resolve(code));

  return {
    process: child,
    exited,
    screen: () => shown,
    type: (text) => child.stdin.write(text),
    shows(text, from = 0) {
      const { promise, resolve: found, reject } = Promise.withResolvers<void>();
      const look = (): void => {
        const part = shown.slice(from);
        if (typeof text === 'string' ? part.includes(text) : text.test(part)) {
          watchers.delete(look);
          found();
        }
      };
      watchers.add(look);
      void exited.then(() => {
        look();
        if (watchers.delete(look))
          reject(new Error(`ssh ended before ${String(text)} was shown; screen:\n${shown}`));
      });
      look();
      return promise;
    },
  };
}

/** Runs ssh to its end. */
export async function runSsh(
  options: SshOptions & { readonly input?: string },
): Promise<{ readonly code: number | null; readonly screen: string }> {
  const run = await startSsh(options);
  run.process.stdin.end(options.input ?? '');
  const code = await run.exited;
  return { code, screen: run.screen() };
}
