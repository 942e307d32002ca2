import type { ConnectorPermission, ConnectorReport, ConnectorView } from '#contract/resources/connector.ts';
import type { DoctorCheck } from '#contract/resources/doctor-report.ts';
import { printable } from '#lib/printable.ts';
import { ConnectorError } from '../connector-error.ts';
import type { ApiAnswer, ApiClient } from './client.ts';
import type { PeerTls } from './exchange.ts';
import { ROOT, type Standing, type StandingReader } from './organisations.ts';

interface Need {
  readonly name: string;
  readonly purpose: string;
  /** Without it nobody is contained. */
  readonly isVital: boolean;
  readonly since: 2 | 3;
}

const NEEDS: readonly Need[] = [
  {
    name: 'users.view_user',
    purpose: 'find people, see whether they are active; reset a second factor',
    isVital: true,
    since: 2,
  },
  {
    name: 'users.change_user',
    purpose: 'disable and enable, end passwords, mail reset links, unblock',
    isVital: true,
    since: 2,
  },
  { name: 'terminal.view_session', purpose: 'list sessions, corroborate events', isVital: true, since: 2 },
  { name: 'terminal.terminate_session', purpose: 'end sessions on assets', isVital: true, since: 2 },
  { name: 'terminal.view_command', purpose: 'corroborate events by their command', isVital: false, since: 2 },
  { name: 'audits.view_usersession', purpose: 'list sessions of the web pages', isVital: false, since: 3 },
  { name: 'audits.offline_usersession', purpose: 'end sessions of the web pages', isVital: false, since: 3 },
];

/** Dates of answers are whole seconds and a little old. */
const CLOCK_TOLERANCE_MS = 30_000;
const CERTIFICATE_WARNING_MS = 14 * 86_400_000;

/** Looks at everything that acting there stands on. */
export async function checkBastion(
  view: ConnectorView,
  parts: { readonly client: ApiClient; readonly standing: StandingReader; readonly clock: () => number },
  signal: AbortSignal,
): Promise<ConnectorReport> {
  const nothing = { version: null, clockAheadMs: null, permissions: [] };
  let answer: ApiAnswer;
  let standing: Standing;
  try {
    answer = await parts.client.call({
      method: 'GET',
      path: 'users/profile/',
      organisation: ROOT,
      signal,
      isLook: true,
    });
    standing = await parts.standing.refresh(signal);
  } catch (error) {
    return { ...view, ...nothing, usable: false, checks: [failed(error)] };
  }
  const clockAheadMs = answer.serverTimeMs === null ? null : answer.serverTimeMs - parts.clock();
  const permissions = permissionsOf(standing);
  const checks: DoctorCheck[] = [
    ok('reachability', `${view.url} answers`),
    checkTls(answer.tls, parts.clock()),
    ok('version', `the answers are those of version ${standing.version}`),
    checkClock(clockAheadMs),
    checkAccount(standing),
    checkOrganisations(standing),
    ...permissions.map((one) => checkPermission(one)),
  ];
  return {
    ...view,
    usable: checks.every(({ status }) => status !== 'failure'),
    version: standing.version,
    clockAheadMs,
    checks,
    permissions: [...permissions],
  };
}

function ok(name: string, detail: string): DoctorCheck {
  return { name, status: 'ok', detail, advice: null };
}

function failed(error: unknown): DoctorCheck {
  if (!(error instanceof ConnectorError)) throw error;
  const isAuth = error.failure === 'unauthenticated' || error.failure === 'forbidden';
  const advice =
    error.failure === 'certificate'
      ? 'Name the certificate authority of the server in caFile.'
      : isAuth
        ? 'Check the token or access key, whether its owner is active, and from which addresses it may be used.'
        : error.failure === 'protocol'
          ? 'Check the url: what answers there is no JumpServer API.'
          : 'Check url, network and the server itself.';
  return { name: isAuth ? 'account' : 'reachability', status: 'failure', detail: error.message, advice };
}

function checkTls(tls: PeerTls | null, nowMs: number): DoctorCheck {
  // The configuration allows that on loopback alone.
  if (tls === null) return ok('TLS', 'none, within this machine');
  const detail = `${tls.protocol}, certificate of ${tls.subject} by ${tls.issuer}`;
  if (tls.validUntil === null || tls.validUntil - nowMs > CERTIFICATE_WARNING_MS) return ok('TLS', detail);
  const until = new Date(tls.validUntil).toISOString();
  return {
    name: 'TLS',
    status: 'warning',
    detail: `${detail}, valid until ${until}`,
    advice: 'Renew the certificate of the server: without it nobody there can be contained.',
  };
}

function checkClock(aheadMs: number | null): DoctorCheck {
  if (aheadMs === null)
    return { name: 'clock', status: 'warning', detail: 'the server does not tell its time', advice: null };
  const seconds = Math.round(Math.abs(aheadMs) / 1_000);
  const detail = `${seconds} s ${aheadMs < 0 ? 'behind' : 'ahead of'} ours`;
  return Math.abs(aheadMs) <= CLOCK_TOLERANCE_MS
    ? ok('clock', detail)
    : {
        name: 'clock',
        status: 'warning',
        detail,
        advice: 'Set both clocks by NTP: events are counted by their own time.',
      };
}

function checkAccount({ profile }: Standing): DoctorCheck {
  const name = printable(profile.username, 128);
  return profile.is_superuser
    ? ok('account', `${name}, an administrator of the whole system`)
    : {
        name: 'account',
        status: 'warning',
        detail: `${name}, not an administrator of the whole system`,
        advice: 'Administrators there cannot be disabled with it: only administrators change administrators.',
      };
}

function checkOrganisations({ organisations, profile }: Standing): DoctorCheck {
  const names = new Map((profile.console_orgs ?? []).map(({ id, name }) => [id, name]));
  const shown = organisations.slice(0, 20).map((id) => printable(names.get(id) ?? id, 64));
  const unseen = organisations.filter((id) => profile.console_orgs !== undefined && !names.has(id));
  if (unseen.length > 0)
    return {
      name: 'organisations',
      status: 'failure',
      detail: `the account does not see ${unseen.slice(0, 20).join(', ')}`,
      advice: 'Correct organisations, or add the account to them.',
    };
  return ok('organisations', shown.join(', '));
}

function permissionsOf({ profile, version }: Standing): readonly ConnectorPermission[] {
  const granted = profile.perms;
  return NEEDS.filter(({ since }) => since <= version).map(({ name, purpose }) => ({
    name,
    purpose,
    granted:
      profile.is_superuser || granted === undefined
        ? profile.is_superuser || null
        : granted.some(
            (one) => one === name || one === '*' || one === '*.*' || one === `${name.split('.')[0] ?? ''}.*`,
          ),
  }));
}

function checkPermission({ name, purpose, granted }: ConnectorPermission): DoctorCheck {
  const check = { name: `permission ${name}`, detail: purpose };
  if (granted === true) return { ...check, status: 'ok', advice: null };
  const isVital = NEEDS.some((need) => need.name === name && need.isVital);
  return granted === null
    ? {
        ...check,
        status: 'warning',
        detail: `not told; needed to ${purpose}`,
        advice: 'Look up the role of the account there.',
      }
    : {
        ...check,
        status: isVital ? 'failure' : 'warning',
        detail: `missing; needed to ${purpose}`,
        advice: 'Add it to the role of the account there.',
      };
}
