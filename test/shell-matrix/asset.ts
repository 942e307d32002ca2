import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ShellKind } from './shells.ts';

/** Programs whose running is proved on the asset: each notes its name and arguments in a file. */
const WITNESSES = ['su', 'reboot', 'mark', 'forbidden-tool', 'innocent-tool'];

/** What sshd runs in the place of the account's shell: the shell that the test asks for by environment. */
export function forcedCommand(folder: string): string {
  const file = join(folder, 'enter');
  writeFileSync(
    file,
    `#!/bin/sh
cd "$PORTCULLIS_TEST_HOME" || exit 9
export HOME="$PORTCULLIS_TEST_HOME" LANG=C.UTF-8 SHELL=/bin/sh
export PATH="$HOME/bin:/usr/bin:/bin"
unset SSH_CONNECTION SSH_CLIENT
[ -z "$PORTCULLIS_TEST_INNER" ] || echo started > inner
. ./enter-shell
`,
  );
  chmodSync(file, 0o755);
  return file;
}

/** The home of one person's shell on the asset. */
export class AccountHome {
  readonly path: string;

  constructor(path: string, shell: ShellKind) {
    this.path = path;
    mkdirSync(join(path, 'bin'), { recursive: true });
    for (const name of WITNESSES) {
      const file = join(path, 'bin', name);
      writeFileSync(file, `#!/bin/sh\nprintf '%s\\n' "${name} $*" >> "${path}/ran"\n`);
      chmodSync(file, 0o755);
    }
    this.write('ran', '');
    for (const [name, content] of Object.entries(shell.files)) this.write(name, content);
    const exports = Object.entries(shell.environment).map(
      ([name, value]) => `export ${name}='${name.startsWith('XDG') ? join(path, value) : value}'\n`,
    );
    this.write('enter-shell', `${exports.join('')}${shell.command}\n`);
  }

  write(name: string, content: string): void {
    mkdirSync(dirname(join(this.path, name)), { recursive: true });
    writeFileSync(join(this.path, name), content);
  }

  /** Lets the file be run, or the folder be used, by its owner. */
  makeProgram(name: string, mode = 0o755): void {
    chmodSync(join(this.path, name), mode);
  }

  read(name: string): string {
    const file = join(this.path, name);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  /** What ran, in order. */
  get ran(): readonly string[] {
    return this.read('ran')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.trim());
  }
}
