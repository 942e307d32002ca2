// npm leaves optional packages of other platforms out of package-lock.json whenever it cannot fetch them,
// and then `npm ci` refuses its own lock file. This adds the entries that the lock file itself asks for:
// name and version from the package that wants them, platform from the name. Run it after `npm install`.
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));
const systems = [
  'android',
  'darwin',
  'freebsd',
  'linux',
  'openharmony',
  'win32',
  'sunos',
  'netbsd',
  'openbsd',
  'aix',
];
const processors = {
  arm64: 'arm64',
  x64: 'x64',
  ia32: 'ia32',
  ppc64: 'ppc64',
  riscv64: 'riscv64',
  s390x: 's390x',
  arm: 'arm',
  wasm32: 'wasm32',
  loong64: 'loong64',
};

function platformOf(name) {
  const words = name.split(/[/-]/);
  const os = systems.find((one) => words.includes(one));
  const cpu = Object.entries(processors).find(([word]) => words.includes(word))?.[1];
  return {
    os: os === undefined ? ['none'] : [os],
    cpu: cpu === undefined ? ['none'] : [cpu],
    ...(words.includes('musl') || words.includes('musleabihf') ? { libc: ['musl'] } : {}),
  };
}

let added = 0;
for (const [path, entry] of Object.entries({ ...lock.packages })) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (path === '' || !/^\d/.test(version)) continue;
    // Where Node would look: beside the package that wants it, then further up; a place with another version is taken.
    const beside = path.slice(0, path.lastIndexOf('node_modules/'));
    const places = [`${path}/node_modules/${name}`, `node_modules/${name}`, `${beside}node_modules/${name}`];
    if (places.some((place) => lock.packages[place]?.version === version)) continue;
    const place = [...places.slice(1), places[0]].find((one) => !(one in lock.packages));
    lock.packages[place] = {
      version,
      ...platformOf(name),
      ...(entry.dev === true ? { dev: true } : {}),
      optional: true,
    };
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`package-lock.json: ${added} packages of other platforms added\n`);
