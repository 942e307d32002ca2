import type { Outcome, Severity } from './severity.ts';

interface CatalogueEntry {
  /** Stable code; the first digit is the family. A code never changes meaning and is never used again. */
  readonly code: string;
  readonly severity: Severity;
  readonly outcome: Outcome;
  readonly summary: string;
  /** True when the event opens access: it must be durable before access opens. */
  readonly opensAccess?: true;
}

const entry = (code: string, severity: Severity, outcome: Outcome, summary: string): CatalogueEntry => ({
  code,
  severity,
  outcome,
  summary,
});
const opening = (code: string, summary: string): CatalogueEntry => ({
  code,
  severity: 'info',
  outcome: 'success',
  summary,
  opensAccess: true,
});

/** Every event type there is. Types, documentation and tests come from here. */
export const EVENT_CATALOGUE = {
  // 1: logging in
  'login.succeeded': opening('PC1001', 'A user logged in.'),
  'login.failed': entry('PC1002', 'low', 'failure', 'A login attempt was refused.'),
  'connection.unauthenticated': entry(
    'PC1003',
    'info',
    'failure',
    'A connection ended before it reached authentication.',
  ),
  'connection.dropped': entry(
    'PC1004',
    'medium',
    'failure',
    'Connections were dropped early because of a flood (aggregated).',
  ),
  'login.ended': entry('PC1005', 'info', 'success', 'A logged-in connection ended.'),
  'web.signed_in': opening('PC1006', 'A user signed in on the web or with the API.'),
  'web.signed_out': entry('PC1007', 'info', 'success', 'A web session ended.'),
  // 2: sessions and channels
  'session.started': opening('PC2001', 'A session to an asset was opened.'),
  'session.ended': entry('PC2002', 'info', 'success', 'A session to an asset ended.'),
  'session.refused': entry('PC2003', 'low', 'failure', 'A session to an asset was refused by policy.'),
  'session.failed': entry('PC2004', 'low', 'failure', 'A session to an asset could not be opened.'),
  'session.terminated': entry(
    'PC2005',
    'high',
    'success',
    'A session was cut by an administrator or a lock.',
  ),
  'channel.opened': opening('PC2006', 'A channel was opened in a session.'),
  'channel.closed': entry('PC2007', 'info', 'success', 'A channel in a session was closed.'),
  'channel.refused': entry('PC2008', 'low', 'failure', 'A channel was refused by policy.'),
  'asset.host_key_pinned': entry(
    'PC2009',
    'medium',
    'success',
    'The host key of an asset was pinned at first use.',
  ),
  'asset.host_key_changed': entry(
    'PC2010',
    'critical',
    'failure',
    'An asset showed another host key than the pinned one; refused.',
  ),
  // 3: commands
  'command.allowed': entry('PC3001', 'info', 'success', 'A command was allowed.'),
  'command.denied': entry('PC3002', 'medium', 'failure', 'A command was denied.'),
  'command.warned': entry('PC3003', 'low', 'success', 'A command was allowed with a warning.'),
  'command.unreadable': entry('PC3004', 'medium', 'unknown', 'A command line could not be read.'),
  'command.mismatch': entry(
    'PC3005',
    'medium',
    'unknown',
    'Screen and keystrokes gave different readings of a command line.',
  ),
  'command.input': entry('PC3006', 'info', 'unknown', 'A line was typed into a program, not a shell.'),
  // 4: recordings and the audit trail
  'recording.started': entry('PC4001', 'info', 'success', 'A recording began.'),
  'recording.anchored': entry(
    'PC4002',
    'info',
    'success',
    'The signed head of a recording, so that later changes show.',
  ),
  'recording.finished': entry('PC4003', 'info', 'success', 'A recording was closed.'),
  'recording.failed': entry(
    'PC4004',
    'critical',
    'failure',
    'A recording could not be written; its session was ended.',
  ),
  'recording.recovered': entry(
    'PC4005',
    'high',
    'unknown',
    'A recording that ended abnormally was closed after a restart.',
  ),
  'recording.erased': entry('PC4006', 'high', 'success', 'The key of a recording was deleted.'),
  'recording.read': entry('PC4007', 'info', 'success', 'A recording was replayed or exported.'),
  'events.dropped': entry('PC4008', 'high', 'failure', 'Events were dropped and counted.'),
  'audit.failed': entry('PC4009', 'critical', 'failure', 'The audit trail could not be written.'),
  'archive.engine_restarted': entry(
    'PC4010',
    'medium',
    'success',
    'The archive engine ended unexpectedly and was started again.',
  ),
  // 5: detection and offenses
  'rule.fired': entry('PC5001', 'high', 'success', 'A detection rule fired.'),
  'offense.opened': entry('PC5002', 'high', 'success', 'An offense was opened, or a new episode of it.'),
  'offense.closed': entry('PC5003', 'info', 'success', 'An offense, or an episode of it, was closed.'),
  'offense.reopened': entry('PC5004', 'medium', 'success', 'A closed offense was opened again by a person.'),
  'offense.commented': entry('PC5005', 'info', 'success', 'Somebody commented on an offense.'),
  'rule.degraded': entry('PC5006', 'high', 'failure', 'A rule lost state or precision and says so.'),
  'offense.assigned': entry('PC5007', 'info', 'success', 'Somebody was given an offense to look after.'),
  // 6: response
  'action.planned': entry('PC6001', 'medium', 'success', 'An action was planned.'),
  'action.succeeded': entry('PC6002', 'medium', 'success', 'An action was carried out and verified.'),
  'action.failed': entry('PC6003', 'critical', 'failure', 'An action failed.'),
  'action.unknown': entry(
    'PC6004',
    'critical',
    'unknown',
    'The outcome of an action is unknown; a person must look.',
  ),
  'action.downgraded': entry('PC6005', 'high', 'success', 'A guard replaced an action by a milder one.'),
  'action.decided': entry(
    'PC6017',
    'medium',
    'success',
    'A person, or time, answered what an action had asked.',
  ),
  'lock.added': entry('PC6006', 'high', 'success', 'A lock was added.'),
  'lock.ended': entry('PC6007', 'medium', 'success', 'A lock was removed or expired.'),
  'containment.contained': entry(
    'PC6008',
    'high',
    'success',
    'Sessions were cut and the list came back empty.',
  ),
  'containment.verified': entry(
    'PC6009',
    'high',
    'success',
    'No session had come back after the containment.',
  ),
  'containment.unconfirmed': entry(
    'PC6010',
    'critical',
    'unknown',
    'A gateway did not confirm a lock in time.',
  ),
  'containment.released': entry(
    'PC6020',
    'medium',
    'success',
    'A lock on a user of a foreign bastion ended, and what it had changed there was put back.',
  ),
  'recovery.started': entry(
    'PC6011',
    'medium',
    'success',
    'Recovery of a user began; the old credentials are dead.',
  ),
  'recovery.link_mailed': entry('PC6012', 'medium', 'success', 'A one-time recovery link was mailed.'),
  'recovery.completed': entry('PC6013', 'medium', 'success', 'A user recovered access with new credentials.'),
  'recovery.cancelled': entry('PC6014', 'medium', 'success', 'A recovery was cancelled.'),
  'recovery.approved': entry(
    'PC6018',
    'medium',
    'success',
    'A second person approved a recovery; its link is mailed.',
  ),
  'mail.sent': entry('PC6015', 'info', 'success', 'A mail was handed to the mail server.'),
  'mail.failed': entry('PC6016', 'high', 'failure', 'A mail could not be delivered to the mail server.'),
  // 7: administration
  'object.created': entry('PC7001', 'info', 'success', 'An administrator created something.'),
  'object.updated': entry('PC7002', 'info', 'success', 'An administrator changed something.'),
  'object.deleted': entry('PC7003', 'medium', 'success', 'An administrator deleted something.'),
  'user.password_changed': entry('PC7004', 'medium', 'success', 'The password of a user was set or removed.'),
  'token.created': entry('PC7005', 'medium', 'success', 'A token was created.'),
  'token.revoked': entry('PC7006', 'medium', 'success', 'A token was revoked.'),
  'vault.rekeyed': entry('PC7007', 'high', 'success', 'Secrets were encrypted anew with another master key.'),
  'user.second_factor_enrolled': entry('PC7009', 'medium', 'success', 'A user set up a second factor.'),
  'user.second_factor_removed': entry(
    'PC7010',
    'high',
    'success',
    'The second factor of a user was removed.',
  ),
  'user.recovery_codes_renewed': entry(
    'PC7012',
    'medium',
    'success',
    'A user replaced their recovery codes; the earlier ones do not count any more.',
  ),
  'user.recovery_code_used': entry(
    'PC7011',
    'medium',
    'success',
    'A user logged in with a recovery code instead of their authenticator.',
  ),
  'api.refused': entry('PC7008', 'low', 'failure', 'An API call was refused.'),
  // 8: the system itself
  'system.started': entry('PC8001', 'info', 'success', 'The server is ready.'),
  'system.stopped': entry('PC8002', 'info', 'success', 'The server stopped in good order.'),
  'system.crashed': entry(
    'PC8003',
    'high',
    'failure',
    'The server had ended without stopping in good order.',
  ),
  'system.clock_jumped': entry('PC8004', 'high', 'unknown', 'The wall clock jumped.'),
  'log_source.found': entry(
    'PC8006',
    'info',
    'unknown',
    'A log source was seen for the first time; nothing acts on its word until it is confirmed.',
  ),
  tick: entry('PC8005', 'info', 'success', 'Time passed: nothing downstream reads a clock.'),
  // 9: foreign events that nothing of ours corresponds to
  'foreign.unparsed': entry(
    'PC9001',
    'info',
    'unknown',
    'A foreign line that no log source type could read; kept raw.',
  ),
  'foreign.event': entry(
    'PC9002',
    'info',
    'unknown',
    'Something that only its log source type has a name for.',
  ),
  'file.uploaded': entry('PC9003', 'info', 'success', 'A file was put onto an asset.'),
  'file.downloaded': entry('PC9004', 'info', 'success', 'A file was taken from an asset.'),
  'file.changed': entry(
    'PC9005',
    'info',
    'success',
    'Files or folders of an asset were made, renamed, linked or deleted.',
  ),
  'privilege.raised': entry('PC9006', 'info', 'success', 'Somebody acted as another account (sudo, su).'),
  'privilege.refused': entry(
    'PC9007',
    'medium',
    'failure',
    'Somebody was refused to act as another account (sudo, su).',
  ),
} as const satisfies Readonly<Record<string, CatalogueEntry>>;

export type EventType = keyof typeof EVENT_CATALOGUE;

export function isEventType(name: string): name is EventType {
  return Object.hasOwn(EVENT_CATALOGUE, name);
}
