import { isLoopback } from '#config/addresses.ts';
import type { DoctorCheck } from '#contract/resources/doctor-report.ts';
import type { EventRecord } from '#contract/event.ts';
import { good, warning } from './finding.ts';

/** What a foreign bastion's logs told lately, the newest of each kind. */
export interface BastionLogs {
  readonly logins: readonly EventRecord[];
  readonly sessions: readonly EventRecord[];
  readonly commands: readonly EventRecord[];
}

/** As many logins by as many people as are hardly made from one desk. */
const FEWEST_LOGINS = 20;
const FEWEST_PEOPLE = 5;
/** Sessions of which none has a command: fewer may just have been left alone. */
const FEWEST_SESSIONS = 5;
/** The component that people connect to calls the API of the core with these. */
const COMPONENT_AGENTS = ['Go-http-client/', 'koko-client', 'python-requests/', 'jms-sdk'];
/** How JumpServer calls its ways of logging in, in English. */
const BACKENDS = new Set(
  'Password|SSH Key|LDAP/AD|LDAP HA|OpenID|Radius|CAS|SAML2|OAuth2|SSO|Auth Token|Temporary token|Passkey|WeCom|DingTalk|FeiShu|Lark|Slack|Custom'.split(
    '|',
  ),
);
/** What the log source type makes of a word that it does not know. */
const UNKNOWN_METHOD = 'other';

interface Problem {
  readonly detail: string;
  readonly advice: string;
}

/** Finds out what a bastion's set-up keeps from its logs, and says what to change there. */
export function judgeBastionLogs(realm: string, logs: BastionLogs): DoctorCheck {
  const name = `logs of ${realm}`;
  const problems = [
    commandsMissing(logs),
    addressLost(logs.logins),
    labelsUnknown(logs.logins),
    commandsCut(logs.commands),
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0)
    return warning(
      name,
      problems.map(({ detail }) => detail).join('; '),
      problems.map(({ advice }) => advice).join(' '),
    );
  const { logins, sessions, commands } = logs;
  return good(
    name,
    `of the last day: ${logins.length} logins, ${sessions.length} sessions, ${commands.length} commands looked at`,
  );
}

function commandsMissing({ sessions, commands }: BastionLogs): Problem | undefined {
  if (commands.length > 0) return undefined;
  const withCommands = sessions.filter(({ data }) => data['hasCommand'] === true).length;
  if (withCommands === 0 && sessions.length < FEWEST_SESSIONS) return undefined;
  return {
    detail: `${sessions.length} sessions were seen and not one command`,
    advice:
      'JumpServer tells of commands only when they are stored in its database: set the command storage of each terminal to Server instead of Elasticsearch, and keep session_command_log among the categories it sends.',
  };
}

function addressLost(logins: readonly EventRecord[]): Problem | undefined {
  const advice =
    'The address of the client is lost on the way, so rules about addresses see one for all. Let whatever stands in front of JumpServer pass it on (PROXY protocol for SSH, X-Forwarded-For for the web), run its component with the network of the host, and send the log of the component as well: it knows the address.';
  const local = logins.filter(({ address }) => address !== undefined && isLoopback(address));
  if (local.length > 0)
    return { detail: `${local.length} of ${logins.length} logins come from the bastion itself`, advice };
  const byComponent = logins.filter(
    ({ channel, data }) =>
      channel === 'web' && COMPONENT_AGENTS.some((agent) => isAgent(data['userAgent'], agent)),
  );
  if (byComponent.length > 0)
    return {
      detail: `${byComponent.length} of ${logins.length} logins are those of its component, not of people`,
      advice,
    };
  const addresses = new Set(logins.map(({ address }) => address));
  const people = new Set(logins.map(({ user }) => user));
  const [only] = addresses;
  return addresses.size === 1 && logins.length >= FEWEST_LOGINS && people.size >= FEWEST_PEOPLE
    ? {
        detail: `all ${logins.length} logins of ${people.size} people come from ${only ?? 'nowhere'}`,
        advice,
      }
    : undefined;
}

function labelsUnknown(logins: readonly EventRecord[]): Problem | undefined {
  const labels = new Set(
    logins.flatMap(({ data }) => {
      const { method, backend } = data;
      const isUnknown = method === UNKNOWN_METHOD && typeof backend === 'string' && backend !== '';
      return isUnknown && !BACKENDS.has(backend) ? [backend] : [];
    }),
  );
  return labels.size === 0
    ? undefined
    : {
        detail: `ways of logging in that are not known: ${[...labels].slice(0, 3).join(', ')}`,
        advice:
          'The labels are in another language than expected, so refused passwords are not counted as such: set the language of the JumpServer server to English or Chinese, or add the word to the map of data.method in the log source type.',
      };
}

function commandsCut(commands: readonly EventRecord[]): Problem | undefined {
  const cut = commands.filter(({ data }) => data['commandCut'] === true).length;
  return cut === 0
    ? undefined
    : {
        detail: `${cut} of ${commands.length} commands came without their middle`,
        advice:
          'JumpServer keeps 127 characters of a command: what was hidden in the rest no rule can find. Send the log of sudo or auditd of the assets as well.',
      };
}

function isAgent(value: unknown, start: string): boolean {
  return typeof value === 'string' && value.startsWith(start);
}
