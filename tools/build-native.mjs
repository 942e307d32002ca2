// Prepares ssh2 after `npm install`: patches it (see patch-ssh2.mjs) and builds its native crypto against the headers
// of the Node that will run it.
// Plain JavaScript, because it must also run (to explain itself) where Node cannot read TypeScript yet.
// A missing compiler may not fail the installation: everything works, slower, and the server says so.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { patchSsh2 } from './patch-ssh2.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(join(root, 'package.json'));
const headers = join(root, 'node_modules', `node-${process.platform}-${process.arch}`);
const cryptoDir = join(root, 'node_modules', 'ssh2', 'lib', 'protocol', 'crypto');
const node = join(root, 'node_modules', '.bin', 'node');
const runtime = existsSync(node) ? node : process.execPath;

function bindingWorks() {
  const probe = "process.exit(require('ssh2/lib/protocol/crypto.js').bindingAvailable === true ? 0 : 1)";
  return spawnSync(runtime, ['-e', probe], { cwd: root }).status === 0;
}

function say(text) {
  process.stdout.write(`portcullis: ${text}\n`);
}

const unpatched = patchSsh2(root);
if (unpatched !== undefined) {
  say(`ssh2 could not be patched: ${unpatched}`);
  process.exitCode = 1;
}

if (!existsSync(cryptoDir)) {
  say('ssh2 is not installed; nothing to build.');
} else if (bindingWorks()) {
  say('native SSH crypto is ready.');
} else {
  const gyp = process.env.npm_config_node_gyp ?? require.resolve('node-gyp/bin/node-gyp.js');
  const env = { ...process.env };
  // A foreign nodedir (say, of the machine's own Node) builds without complaint and then does not load.
  if (existsSync(join(headers, 'include', 'node'))) env.npm_config_nodedir = headers;
  else delete env.npm_config_nodedir;
  const built = spawnSync(runtime, [gyp, 'rebuild', '--real_openssl_major=3'], {
    cwd: cryptoDir,
    env,
    encoding: 'utf8',
  });
  if (bindingWorks()) {
    say('native SSH crypto was built.');
  } else {
    const why =
      (built.stderr ?? '').split('\n').findLast((line) => line.includes('ERR!') && line.trim().length > 12) ??
      'no detail';
    say('native SSH crypto could not be built; SSH will run 2 to 5 times slower.');
    say(`  why: ${why.trim()}`);
    say(
      '  to fix: install g++, make and python3 (Debian: apt-get install g++ make python3), then run npm rebuild.',
    );
    if (process.env.PORTCULLIS_REQUIRE_NATIVE === '1') process.exitCode = 1;
  }
}
