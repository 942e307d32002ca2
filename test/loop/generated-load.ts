import type { EventType } from '#contract/event-catalogue.ts';
import { makeEvent, type EventRecord } from '#contract/event.ts';

const PROGRAMS = [
  'ls',
  'cat',
  'systemctl',
  'journalctl',
  'docker',
  'kubectl',
  'grep',
  'tail',
  'vim',
  'curl',
  'git',
  'psql',
  'ps',
  'df',
  'ansible-playbook',
  'make',
];
const ARGUMENTS = [
  '-la',
  '--follow',
  'status',
  '/var/log/syslog',
  '/etc/nginx/nginx.conf',
  'get pods -n production',
  'nginx.service',
  'origin main',
  "-c 'select count(*) from orders'",
  '| grep -v DEBUG',
  '-rn timeout src/',
  '--since yesterday',
  '/home/deploy/releases/2026-11-22',
  'http://127.0.0.1:8080/healthz',
];
const SUSPICIOUS = [
  '/etc/shadow',
  'chmod 4755',
  'nc -e',
  'base64 -d',
  '/dev/tcp/',
  'authorized_keys',
  'history -c',
  'useradd',
  'iptables -F',
  'LD_PRELOAD',
  'curl | sh',
  'mkfifo',
  'xmrig',
  'setenforce 0',
  'auditctl -e 0',
  'tcpdump -w',
];

type Random = () => number;

const pick = <T>(random: Random, list: readonly T[]): T => {
  const one = list[Math.floor(random() * list.length)];
  if (one === undefined) throw new Error('an empty list');
  return one;
};

/**
 * Rules in the proportions in which the public corpus uses modifiers: mostly `contains` and `endswith`, some
 * `all`, `startswith`, exact values, one in twenty a regular expression or a CIDR range.
 */
export function generatedRules(count: number, random: Random): string {
  const fragment = (): string => `${pick(random, SUSPICIOUS)}${Math.floor(random() * 1000)}`;
  const list = (length: number): string => JSON.stringify(Array.from({ length }, fragment));
  const selections: readonly (() => string)[] = [
    ...Array<() => string>(9).fill(() => `{type: command.allowed, 'command|contains': ${list(4)}}`),
    ...Array<() => string>(5).fill(
      () => `{type: [command.allowed, command.warned], 'command|endswith': ${list(3)}}`,
    ),
    ...Array<() => string>(3).fill(() => `{'command|contains|all': ${list(2)}}`),
    () => `{'command|startswith': ${list(2)}, account: root}`,
    () => `{type: session.started, asset: ${list(3)}}`,
    () => `{type: login.succeeded, 'address|cidr': 198.${Math.floor(random() * 255)}.0.0/16}`,
    () => `{type: command.allowed, 'command|re': 'nc\\s+-[el]+${Math.floor(random() * 1000)}\\b'}`,
  ];
  return Array.from({ length: count }, (_unused, index) => {
    const selection = pick(random, selections)();
    return `title: Generated ${index}\nname: generated-${index}\nlogsource: {product: portcullis}\ndetection:\n  selection: ${selection}\n  filter: {user: [backup, monitoring]}\n  condition: selection and not filter\n`;
  }).join('---\n');
}

/** What a busy gateway says: six commands in ten events, the rest logins, sessions and channels. */
export function generatedEvents(count: number, random: Random): readonly EventRecord[] {
  const types: readonly EventType[] = [
    ...Array<EventType>(6).fill('command.allowed'),
    'login.succeeded',
    'session.started',
    'channel.opened',
    'channel.closed',
  ];
  return Array.from({ length: count }, (_unused, index) => {
    const person = Math.floor(random() * 500);
    const hit = random() < 0.01 ? ` ${pick(random, SUSPICIOUS)}${Math.floor(random() * 1000)}` : '';
    return makeEvent(pick(random, types), `event-${index}`, 1_767_225_600_000 + index, {
      user: `user-${person}`,
      address: `203.0.113.${Math.floor(random() * 255)}`,
      port: 50_000,
      // Each works on a few assets of their own: whoever visits all of them is what a rule looks for.
      asset: `web${(person + Math.floor(random() * 4)) % 50}`,
      account: random() < 0.3 ? 'root' : 'deploy',
      session: `session-${Math.floor(random() * 1000)}`,
      command: `${pick(random, PROGRAMS)} ${pick(random, ARGUMENTS)} ${pick(random, ARGUMENTS)}${hit}`,
    });
  });
}
