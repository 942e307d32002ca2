import type { Generated } from 'kysely';

/**
 * The tables of the state database. Conventions that SQLite and PostgreSQL share: ids are text UUIDs, times
 * are epoch milliseconds, flags are 0 or 1, lists and objects are JSON text, `…Key` columns hold names
 * lowered for comparison.
 */
export interface StateTables {
  users: UserRow;
  user_keys: UserKeyRow;
  groups: GroupRow;
  group_users: GroupUserRow;
  assets: AssetRow;
  asset_host_keys: AssetHostKeyRow;
  accounts: AccountRow;
  grants: GrantRow;
  login_rules: LoginRuleRow;
  command_rules: CommandRuleRow;
  tokens: TokenRow;
  web_sessions: WebSessionRow;
  second_factors: SecondFactorRow;
  recovery_codes: RecoveryCodeRow;
  sessions: SessionRow;
  recordings: RecordingRow;
  locks: LockRow;
  login_addresses: LoginAddressRow;
  foreign_containments: ForeignContainmentRow;
  log_sources: LogSourceRow;
  offenses: OffenseRow;
  episodes: EpisodeRow;
  evidence: EvidenceRow;
  timeline: TimelineRow;
  consumers: ConsumerRow;
  correlation_entries: CorrelationEntryRow;
  correlation_cuts: CorrelationCutRow;
  actions: ActionRow;
  recoveries: RecoveryRow;
  recovery_links: RecoveryLinkRow;
  event_outbox: EventOutboxRow;
  settings: SettingRow;
}

export interface UserRow {
  id: string;
  username: string;
  usernameKey: string;
  name: string;
  email: string | null;
  kind: 'person' | 'service';
  roles: string;
  language: string;
  /** PHC string (argon2id), or null when the user has no password. */
  passwordHash: string | null;
  passwordChangedAt: number | null;
  /** 1 when this user must have a second factor. */
  secondFactor: number;
  createdAt: number;
  updatedAt: number;
}

export interface UserKeyRow {
  id: string;
  userId: string;
  algorithm: string;
  /** `SHA256:…` as OpenSSH prints it. */
  fingerprint: string;
  /** Base64 of the wire form (RFC 4253 section 6.6). */
  blob: string;
  comment: string;
  suspended: number;
  createdAt: number;
}

export interface GroupRow {
  id: string;
  name: string;
  nameKey: string;
  /** 1 when every member must have a second factor. */
  secondFactor: number;
  createdAt: number;
}

export interface GroupUserRow {
  groupId: string;
  userId: string;
}

export interface AssetRow {
  id: string;
  name: string;
  nameKey: string;
  address: string;
  port: number;
  trustOnFirstUse: number;
  createdAt: number;
  updatedAt: number;
}

export interface AssetHostKeyRow {
  assetId: string;
  algorithm: string;
  blob: string;
  /** `configured` or `first-use`. */
  origin: string;
  pinnedAt: number;
}

export interface AccountRow {
  id: string;
  assetId: string;
  username: string;
  secretKind: 'none' | 'password' | 'privateKey';
  /** Sealed by the vault, bound to the account id. */
  sealed: string | null;
  updatedAt: number;
}

export interface GrantRow {
  id: string;
  name: string;
  nameKey: string;
  users: string;
  groups: string;
  assets: string;
  accounts: string;
  actions: string;
  mode: 'observe' | 'guard' | 'strict';
  /** 1 when it permits nothing to a login without a second factor. */
  secondFactor: number;
  createdAt: number;
  updatedAt: number;
}

export interface LoginRuleRow {
  id: string;
  name: string;
  nameKey: string;
  priority: number;
  users: string;
  groups: string;
  addresses: string;
  action: 'block' | 'allow';
  updatedAt: number;
}

export interface CommandRuleRow {
  id: string;
  name: string;
  nameKey: string;
  priority: number;
  users: string;
  groups: string;
  roles: string;
  assets: string;
  accounts: string;
  kind: 'program' | 'regex' | 'text';
  patterns: string;
  verdict: 'allow' | 'deny' | 'warn';
  message: string | null;
  updatedAt: number;
}

export interface TokenRow {
  id: string;
  userId: string;
  name: string;
  /** SHA-256 of the token, hex. The token itself is shown once and kept nowhere. */
  hash: string;
  /** Of an access key: its secret, sealed by the vault, bound to the id. Of a token: null. */
  sealed: string | null;
  createdAt: number;
  expiresAt: number | null;
  lastUsedAt: number | null;
  revokedAt: number | null;
}

export interface WebSessionRow {
  id: string;
  userId: string;
  hash: string;
  address: string;
  createdAt: number;
  expiresAt: number;
  endedAt: number | null;
}

export interface SecondFactorRow {
  userId: string;
  /** The shared secret (RFC 6238), sealed by the vault, bound to the user id. */
  sealed: string;
  /** Time step of the last code that was accepted: that one and older ones never count again. */
  lastStep: number;
  enrolledAt: number;
}

export interface RecoveryCodeRow {
  userId: string;
  /** SHA-256 of the code, hex. */
  hash: string;
  createdAt: number;
  usedAt: number | null;
}

export interface SessionRow {
  id: string;
  userId: string;
  username: string;
  asset: string;
  account: string;
  protocol: string;
  address: string;
  port: number;
  clientSoftware: string;
  node: string;
  grantName: string;
  startedAt: number;
  endedAt: number | null;
  /** Stable word: `client`, `asset`, `terminated`, `idle`, `limit`, `recording`, `crash`, … */
  endReason: string | null;
}

export interface RecordingRow {
  id: string;
  sessionId: string;
  channelId: string;
  kind: 'shell' | 'exec';
  /** Data key of this recording, sealed by the vault; null once erased. */
  sealedKey: string | null;
  file: string;
  startedAt: number;
  endedAt: number | null;
  state: 'open' | 'finished' | 'abnormal';
  bytes: number;
  headHash: string | null;
}

export interface LockRow {
  id: string;
  targetKind: string;
  target: string;
  targetKey: string;
  mode: 'deny' | 'freeze' | 'cut';
  reason: string;
  owner: string;
  offenseId: string | null;
  episode: number | null;
  createdAt: number;
  expiresAt: number | null;
  endedAt: number | null;
  endedBy: string | null;
  endReason: string | null;
}

export interface LoginAddressRow {
  /** An IPv4 address, or the /64 of an IPv6 address. */
  address: string;
  /** `realm:name`. */
  person: string;
  firstAt: number;
  lastAt: number;
}

/** What a lock on a user of a foreign bastion did there, and what is to be put back. */
export interface ForeignContainmentRow {
  lockId: string;
  /** The realm. */
  connector: string;
  /** Their id there, and the organisation in which they were found. */
  userId: string;
  organisation: string;
  username: string;
  /** Whether they were active before the first of the containments that overlap. */
  wasActive: number;
  /** applying: the change may or may not have been made. applied: it was read back. over: nothing is left to do. */
  state: 'applying' | 'applied' | 'over';
  /** One sentence for people, once it is over. */
  outcome: string | null;
  createdAt: number;
  updatedAt: number;
}

/** Where foreign events come from: which lines, and what is known of them. */
export interface LogSourceRow {
  id: string;
  name: string;
  nameKey: string;
  /** An address, or a CIDR range. */
  address: string;
  /** Host name in the header, lower case; empty for lines that have none, `*` for any. */
  host: string;
  /** App name in the header, lower case; `*` for any. */
  app: string;
  /** Who its users are users of. */
  realm: string;
  /** Null until an administrator has confirmed it. */
  confirmedAt: number | null;
  confirmedBy: string | null;
  createdAt: number;
  lastAt: number | null;
  messages: number;
  /** Of them, those that nothing could read. */
  failures: number;
  ratePerMinute: number;
  /** How many messages each log source type took, as JSON. */
  types: string;
}

export interface OffenseRow {
  id: string;
  /** Short number for people, counted up. */
  number: number;
  ruleFamily: string;
  ruleId: string;
  entity: string;
  title: string;
  severity: string;
  status: 'open' | 'closed';
  verdict: string | null;
  assignee: string | null;
  episode: number;
  openedAt: number;
  updatedAt: number;
  closedAt: number | null;
}

export interface EpisodeRow {
  offenseId: string;
  episode: number;
  openedAt: number;
  openedPosition: number;
  lastEventAt: number;
  /** Rows of evidence; bounded. */
  evidenceCount: number;
  endedAt: number | null;
  endPosition: number | null;
  endReason: string | null;
}

export interface EvidenceRow {
  offenseId: string;
  episode: number;
  eventId: string;
  position: number;
  time: number;
  ruleId: string;
  /** JSON of the event as it was. */
  event: string;
}

export interface TimelineRow {
  id: string;
  offenseId: string;
  episode: number;
  time: number;
  kind: string;
  actor: string;
  text: string;
  data: string;
}

export interface ConsumerRow {
  name: string;
  position: number;
  updatedAt: number;
}

export interface CorrelationEntryRow {
  ruleId: string;
  key: string;
  eventId: string;
  position: number;
  time: number;
  /** Which of the correlated rules matched, and the counted value, where the type needs it. */
  label: string;
  value: string | null;
}

export interface CorrelationCutRow {
  ruleId: string;
  key: string;
  /** Entries at or before this stream position never count again. */
  position: number;
  episode: number;
}

export interface ActionRow {
  id: string;
  offenseId: string | null;
  episode: number | null;
  playbook: string;
  step: number;
  action: string;
  target: string;
  params: string;
  mode: 'shadow' | 'approve' | 'auto';
  state: string;
  attempts: number;
  notBefore: number;
  leaseOwner: string | null;
  leaseUntil: number | null;
  before: string | null;
  result: string | null;
  plannedAt: number;
  updatedAt: number;
}

export interface RecoveryRow {
  id: string;
  userId: string;
  offenseId: string | null;
  state: string;
  steps: string;
  requestedBy: string;
  mailAddress: string;
  /** 1 when the user had a second factor, which was removed: the person sets up another. */
  hadSecondFactor: number;
  /** 1 when no link is mailed before a second person has agreed. */
  needsApproval: number;
  approvedBy: string | null;
  createdAt: number;
  updatedAt: number;
  completedAt: number | null;
}

export interface RecoveryLinkRow {
  id: string;
  recoveryId: string;
  hash: string;
  expiresAt: number;
  usedAt: number | null;
  revokedAt: number | null;
}

export interface EventOutboxRow {
  seq: Generated<number>;
  eventId: string;
  event: string;
}

export interface SettingRow {
  key: string;
  value: string;
}
