import type { JsonObject, JsonValue } from '#lib/json.ts';
import type { EventRecord } from '#contract/event.ts';

export const VERSIONS = [2, 3, 4] as const;
export const LANGUAGES = ['en', 'zh'] as const;
export type Version = (typeof VERSIONS)[number];
export type Language = (typeof LANGUAGES)[number];

/** Python's json.dumps with sort_keys: `, ` and `: `, nothing escaped that need not be. */
function python(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map((one: JsonValue) => python(one)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return `{${entries.map(([key, one]: [string, JsonValue]) => `${JSON.stringify(key)}: ${python(one)}`).join(', ')}}`;
}

/** A choice as the version writes it. */
function choice(
  version: Version,
  language: Language,
  name: string,
  value: JsonValue,
  labels: Readonly<Record<Language, string>>,
): JsonObject {
  const label = labels[language];
  return version === 2 ? { [name]: value, [`${name}_display`]: label } : { [name]: { value, label } };
}

const account = (version: Version): JsonObject =>
  version === 2 ? { system_user: 'root(root)' } : { account: 'root(root)' };

type AuditRecord = (version: Version, language: Language) => JsonObject;

const login =
  (username: string, status: boolean): AuditRecord =>
  (version, language) => ({
    id: '0b6e0000-0000-4000-8000-000000000001',
    backend: 'Password',
    backend_display: language === 'en' ? 'Password' : '密码',
    city: language === 'en' ? 'LAN' : '局域网',
    datetime: '2024/10/01 16:00:00 +0800',
    ip: '10.1.2.3',
    reason: '',
    reason_display: '',
    user_agent: 'Go-http-client/1.1',
    // Version 2 has the bare user name, version 4 the name in front.
    username: version === 4 && status ? `Alice(${username})` : username,
    ...choice(version, language, 'mfa', 1, { en: 'Enabled', zh: '启用' }),
    ...choice(version, language, 'status', status, { en: 'Success', zh: '成功' }),
    ...choice(version, language, 'type', 'T', { en: 'Terminal', zh: '终端' }),
  });

const session =
  (isFinished: boolean, isSuccess: boolean): AuditRecord =>
  (version, language) => ({
    id: '1d000000-0000-4000-8000-000000000001',
    ...account(version),
    asset: 'web01(10.0.0.5)',
    date_end: isFinished ? '2024/10/01 16:10:00 +0800' : null,
    date_start: '2024/10/01 16:00:05 +0800',
    is_finished: isFinished,
    is_success: isSuccess,
    org_id: '00000000-0000-0000-0000-000000000002',
    protocol: 'ssh',
    remote_addr: '10.1.2.3',
    terminal: version === 2 ? 'c3000000-0000-4000-8000-000000000001' : { id: 'c3', name: '[KoKo]-jms' },
    user: 'Alice(alice)',
    ...choice(version, language, 'login_from', 'ST', { en: 'SSH Terminal', zh: 'SSH 终端' }),
  });

const command =
  (risk: number): AuditRecord =>
  (version, language) => ({
    id: 'e5000000-0000-4000-8000-000000000001',
    ...account(version),
    asset: 'web01(10.0.0.5)',
    input: 'su - root',
    output: 'Command `su - root` is forbidden',
    org_id: '00000000-0000-0000-0000-000000000002',
    remote_addr: '10.1.2.3',
    session: '1d000000-0000-4000-8000-000000000001',
    timestamp: 1_727_769_700,
    timestamp_display: '2024/10/01 16:01:40 +0800',
    user: 'Alice(alice)',
    ...choice(version, language, 'risk_level', risk, { en: 'Reject', zh: '拒绝' }),
  });

const operation: AuditRecord = (version, language) => ({
  id: '5f000000-0000-4000-8000-000000000001',
  datetime: '2024/10/01 16:02:00 +0800',
  org_id: '00000000-0000-0000-0000-000000000004',
  org_name: 'SYSTEM',
  remote_addr: '10.9.9.9',
  resource: 'Alice(alice)',
  resource_type: 'User',
  user: 'Administrator(admin)',
  ...choice(version, language, 'action', 'update', { en: 'Update', zh: '更新' }),
});

const file: AuditRecord = (version, language) => ({
  id: '9c000000-0000-4000-8000-000000000001',
  ...account(version),
  asset: 'web01(10.0.0.5)',
  date_start: '2024/10/01 16:03:00 +0800',
  filename: '/root/a.sh',
  is_success: true,
  remote_addr: '10.1.2.3',
  session: '1d000000-0000-4000-8000-000000000001',
  user: 'Alice(alice)',
  ...choice(version, language, 'operate', 'upload', { en: 'Upload', zh: '上传' }),
});

const password: AuditRecord = () => ({
  id: '77000000-0000-4000-8000-000000000001',
  change_by: 'Administrator(admin)',
  datetime: '2024/10/01 16:04:00 +0800',
  remote_addr: '10.9.9.9',
  user: 'Alice(alice)',
});

/** The six categories that JumpServer sends by syslog: category, record, and what its event must hold. */
export const AUDIT_RECORDS: readonly (readonly [string, AuditRecord, Partial<EventRecord>])[] = [
  ['login_log', login('alice', true), { type: 'login.succeeded', user: 'alice', address: '10.1.2.3' }],
  ['login_log', login('alice', false), { type: 'login.failed', address: '10.1.2.3' }],
  ['host_session_log', session(false, true), { type: 'session.started', user: 'alice', account: 'root' }],
  ['host_session_log', session(true, true), { type: 'session.ended', time: Date.UTC(2024, 9, 1, 8, 10) }],
  ['host_session_log', session(true, false), { type: 'session.failed', user: 'alice', asset: 'web01' }],
  ['session_command_log', command(5), { type: 'command.denied', user: 'alice', command: 'su - root' }],
  ['session_command_log', command(0), { type: 'command.allowed', user: 'alice', account: 'root' }],
  ['operation_log', operation, { type: 'object.updated', actor: 'admin', address: '10.9.9.9' }],
  ['ftp_log', file, { type: 'file.uploaded', user: 'alice', account: 'root', asset: 'web01' }],
  ['password_change_log', password, { type: 'user.password_changed', user: 'alice', actor: 'admin' }],
];

/** The line that JumpServer sends of a record, without what ends it. */
export function auditLine(category: string, record: JsonObject): string {
  return `<14>jumpserver: ${category} - ${python(record)}`;
}
