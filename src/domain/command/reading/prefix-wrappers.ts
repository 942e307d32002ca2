import type { OptionSpec } from './skip-options.ts';

export function optionSpec(
  short = '',
  long: readonly string[] = [],
  operands = 0,
  assignments = false,
): OptionSpec {
  return { short, long, operands, assignments };
}

const SUDO_LONG = [
  'user',
  'group',
  'host',
  'prompt',
  'close-from',
  'chdir',
  'chroot',
  'role',
  'type',
  'command-timeout',
  'other-user',
  'login-class',
  'auth-type',
];
const SYSTEMD_RUN_LONG = [
  'unit',
  'property',
  'description',
  'slice',
  'uid',
  'gid',
  'nice',
  'setenv',
  'working-directory',
  'machine',
  'host',
  'on-active',
  'on-boot',
  'on-calendar',
];

/**
 * Programs of the form `wrapper [options] [operands] command [arguments]`, with the options that take a
 * value, from their manual pages (sudo 1.9, OpenDoas 6.8, coreutils 9, util-linux 2.38, systemd 252).
 */
export const PREFIX_WRAPPERS: Readonly<Record<string, OptionSpec>> = {
  sudo: optionSpec('ughpCcrtTUDRa', SUDO_LONG, 0, true),
  doas: optionSpec('uCa'),
  pkexec: optionSpec('u', ['user']),
  nice: optionSpec('n', ['adjustment']),
  ionice: optionSpec('cnpPu', ['class', 'classdata']),
  chrt: optionSpec('TPDp', ['sched-runtime', 'sched-period', 'sched-deadline'], 1),
  taskset: optionSpec('', [], 1),
  numactl: optionSpec('iNmCpwW', ['interleave', 'cpunodebind', 'membind', 'physcpubind', 'preferred']),
  prlimit: optionSpec('p', ['pid']),
  cpulimit: optionSpec('lpePi', ['limit', 'pid', 'exe']),
  softlimit: optionSpec('adfmlopr'),
  nohup: optionSpec(),
  setsid: optionSpec(),
  timeout: optionSpec('sk', ['signal', 'kill-after'], 1),
  time: optionSpec('fo', ['format', 'output']),
  stdbuf: optionSpec('ioe', ['input', 'output', 'error']),
  unbuffer: optionSpec(),
  chronic: optionSpec(),
  rlwrap: optionSpec('bcfgHlOpPqsStCDmM'),
  command: optionSpec(),
  builtin: optionSpec(),
  exec: optionSpec('a'),
  busybox: optionSpec(),
  toybox: optionSpec(),
  chroot: optionSpec('', ['userspec', 'groups'], 1),
  nsenter: optionSpec('tSGW', ['target', 'setuid', 'setgid', 'wdns']),
  unshare: optionSpec('RwSG', ['root', 'wd', 'setuid', 'setgid', 'propagation', 'map-user', 'map-group']),
  setpriv: optionSpec('', ['reuid', 'regid', 'ruid', 'euid', 'rgid', 'egid', 'groups', 'bounding-set']),
  setarch: optionSpec(),
  linux32: optionSpec(),
  linux64: optionSpec(),
  runcon: optionSpec('turl', ['type', 'user', 'role', 'range']),
  setuidgid: optionSpec('', [], 1),
  chpst: optionSpec('uUbenmdopfctr/'),
  'systemd-run': optionSpec('EpuMHdr', SYSTEMD_RUN_LONG),
  'systemd-inhibit': optionSpec('', ['what', 'who', 'why', 'mode']),
  strace: optionSpec('abeEIoOpPsSuUX', ['attach', 'env', 'trace', 'output', 'string-limit', 'user']),
  ltrace: optionSpec('aADeFlnopsSuwx', ['output', 'library']),
  fakeroot: optionSpec('lisb', ['lib', 'faked']),
  proot: optionSpec('rbwqk'),
  sshpass: optionSpec('fdpP'),
  torsocks: optionSpec('uP'),
  proxychains: optionSpec('f'),
  proxychains4: optionSpec('f'),
  sem: optionSpec('jS'),
};
