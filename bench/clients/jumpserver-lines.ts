import { seeded } from '../../test/testbed/seeds.ts';

export const LINE_BYTES = 550;

const COMMANDS = [
  'ls -la /srv',
  'systemctl status nginx',
  'tail -n 50 app.log',
  'df -h',
  'cat "notes.txt"',
  'ps aux',
];
/** The stamps of lines say that so many happened in a second. */
const PER_SECOND = 10_000;
const WARNED = 4;
const REFUSED = 5;
const ID_DIGITS = 12;

/**
 * Audit lines of commands as JumpServer sends them, each 550 bytes with its line end, with different users, assets,
 * commands and results; every one is a record of its own. In one buffer, so that sending it costs next to nothing.
 */
export function commandLines(count: number, firstId: number, seed: number): Buffer {
  const random = seeded(seed);
  const pick = <T>(values: readonly T[], other: T): T =>
    values[Math.floor(random() * values.length)] ?? other;
  const timestamp = Math.floor(Date.now() / 1000);
  const lines = Buffer.allocUnsafe(count * LINE_BYTES);
  for (let index = 0; index < count; index += 1) {
    const person = Math.floor(random() * 400);
    const host = Math.floor(random() * 200);
    const record = {
      account: 'root(root)',
      asset: `web${host}(10.0.1.${host})`,
      id: `e5000000-0000-4000-8000-${String(firstId + index).padStart(ID_DIGITS, '0')}`,
      input: pick(COMMANDS, 'ls'),
      org_id: '00000000-0000-0000-0000-000000000002',
      remote_addr: `198.51.100.${person % 250}`,
      risk_level: { label: 'Accept', value: riskOf(index) },
      session: `5e551017-0000-4000-8000-${String(person).padStart(ID_DIGITS, '0')}`,
      timestamp: timestamp + Math.floor(index / PER_SECOND),
      user: `Person ${person}(user${person})`,
      output: '',
    };
    const head = `<14>jumpserver: session_command_log - ${JSON.stringify(record).slice(0, -2)}`;
    const said = `total ${index}\\r\\n-rw-r--r-- 1 root root 4096 Nov 26 10:00 file\\r\\n`;
    // An escape is not cut in two: what is missing is filled up with letters.
    const room = LINE_BYTES - head.length - said.length - 3;
    lines.write(`${head}${said}${'x'.repeat(Math.max(0, room))}"}\n`, index * LINE_BYTES, 'latin1');
  }
  return lines;
}

/** One in a hundred is warned of, one in five thousand refused: as many as a site has that is not under attack. */
function riskOf(index: number): number {
  if (index % 5000 === 0) return REFUSED;
  return index % 100 === 0 ? WARNED : 0;
}
