import { type EventRecord, makeEvent } from '#contract/event.ts';

const COMMANDS = [
  'ls -la /var/log',
  'systemctl status nginx',
  'tail -n 200 /var/log/syslog',
  'cat /etc/hosts',
  'kubectl get pods -n prod',
  'docker ps -a',
  'grep -r error /srv/app/logs',
  'vim /etc/nginx/nginx.conf',
  'journalctl -u app --since today',
  'find /srv -name "*.log" -mtime +7',
  'sudo su - postgres',
  'psql -c "select count(*) from orders"',
];
const DAY_MS = 86_400_000;

interface SeededSession {
  readonly id: string;
  readonly user: string;
  readonly asset: string;
  readonly address: string;
  readonly port: number;
}

export interface SeededEventsOptions {
  readonly startMs?: number;
  /** Mean distance between two events. */
  readonly stepMs?: number;
  /** Days before the event happened on which it may have reached us: spreads one batch over partitions. */
  readonly spreadDays?: number;
}

/** Events as a gateway and a foreign bastion make them, about 500 bytes of JSON each; the same for each seed. */
export class SeededEvents {
  #state: number;
  #time: number;
  readonly #stepMs: number;
  readonly #spreadDays: number;
  readonly #sessions: SeededSession[] = [];

  constructor(seed: number, options: SeededEventsOptions = {}) {
    this.#state = seed >>> 0 || 1;
    this.#time = options.startMs ?? Date.UTC(2026, 10, 1);
    this.#stepMs = options.stepMs ?? 100;
    this.#spreadDays = options.spreadDays ?? 4;
  }

  /** 0 to below; xorshift32 (Marsaglia 2003). */
  integer(below: number): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state >>> 0;
    return this.#state % below;
  }

  take(count: number): readonly EventRecord[] {
    return Array.from({ length: count }, () => this.#next());
  }

  #next(): EventRecord {
    this.#time += this.integer(2 * this.#stepMs + 1);
    const time = this.#time;
    const id = this.#uuid(time);
    const seen = time + this.integer(3) - this.integer(this.#spreadDays + 1) * DAY_MS;
    const session = this.#session(time);
    const kind = this.integer(20);
    if (kind < 12) return makeEvent('command.allowed', id, time, { seen, ...this.#command(session) });
    if (kind < 13) return makeEvent('command.denied', id, time, { seen, ...this.#command(session) });
    if (kind < 15) {
      const address = `203.0.113.${this.integer(256)}`;
      const data = {
        typed: this.#hex(5),
        method: 'password',
        software: 'SSH-2.0-OpenSSH_9.2',
        reason: 'unknown',
      };
      return makeEvent('login.failed', id, time, {
        seen,
        address,
        port: 1024 + this.integer(60_000),
        message: 'A login attempt was refused',
        data,
      });
    }
    return makeEvent('foreign.unparsed', id, time, {
      seen,
      source: 'jumpserver-1',
      realm: 'jumpserver-1',
      address: '10.1.1.1',
      raw: this.#raw(session, time),
    });
  }

  #command(session: SeededSession): Partial<EventRecord> {
    const { id, ...who } = session;
    const base = this.#pick(COMMANDS);
    const command = this.integer(2) === 0 ? base : `${base} ${this.#hex(6)}`;
    return {
      ...who,
      account: 'root',
      session: id,
      channel: '0',
      command,
      message: `${who.user} ran ${command} on root@${who.asset}`,
      data: { reading: 'screen', waitMs: this.integer(40) },
    };
  }

  #raw(session: SeededSession, time: number): string {
    const row = {
      id: this.#uuid(time),
      user: `${session.user}(${session.user})`,
      asset: `${session.asset}(10.0.${this.integer(256)}.${this.integer(256)})`,
      input: this.#pick(COMMANDS),
      output: `total ${this.integer(9_999)} ${this.#hex(8)}`,
      session: session.id,
      risk_level: { value: 0, label: 'Accept' },
      org_id: '00000000-0000-0000-0000-000000000002',
      timestamp: Math.floor(time / 1000),
      remote_addr: session.address,
    };
    return `<14>Nov 22 10:00:00 jump01 jumpserver: session_command_log - ${JSON.stringify(row)}`;
  }

  #session(time: number): SeededSession {
    const place = this.integer(200);
    const known = this.#sessions[place];
    if (known !== undefined && this.integer(30) !== 0) return known;
    const session = {
      id: this.#uuid(time),
      user: `user${String(this.integer(500)).padStart(3, '0')}`,
      asset: `web${this.integer(300)}`,
      address: `10.${this.integer(20)}.${this.integer(256)}.${this.integer(256)}`,
      port: 1024 + this.integer(60_000),
    };
    this.#sessions[place] = session;
    return session;
  }

  #pick(list: readonly string[]): string {
    return list[this.integer(list.length)] ?? '';
  }

  #hex(digits: number): string {
    let text = '';
    while (text.length < digits)
      text += this.integer(2 ** 16)
        .toString(16)
        .padStart(4, '0');
    return text.slice(0, digits);
  }

  #uuid(time: number): string {
    const stamp = time.toString(16).padStart(12, '0');
    return `${stamp.slice(0, 8)}-${stamp.slice(8)}-7${this.#hex(3)}-8${this.#hex(3)}-${this.#hex(12)}`;
  }
}
