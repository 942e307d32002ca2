import type { Readable } from 'node:stream';
import type { Archive } from '#archive/archive.ts';
import type { ActionTrial } from '#contract/resources/action-trial.ts';
import type { ConnectorReport, ConnectorView } from '#contract/resources/connector.ts';
import type { DoctorCheck } from '#contract/resources/doctor-report.ts';
import type { ForeignRecovery } from '#contract/resources/foreign-recovery.ts';
import type { Lock, LockMode, LockTargetKind } from '#contract/resources/lock.ts';
import type { ExplainedLine, ImportedLines } from '#contract/resources/log-source.ts';
import type { MailTest } from '#contract/resources/mail-test.ts';
import type { OffenseVerdict } from '#contract/resources/offense.ts';
import type { RecordingVerification } from '#contract/resources/recording.ts';
import type { Recovery } from '#contract/resources/recovery.ts';
import type { Containment } from '#contract/resources/session.ts';
import type { Language } from '#contract/resources/user.ts';
import type { Control } from '#control/control.ts';
import type { AccessFacts } from '#domain/access/decide.ts';
import type { Authenticator as SignIn } from '#identity/authenticator.ts';
import type { Passwords } from '#identity/passwords.ts';
import type { WebSessionLimits } from '#identity/web-sessions.ts';
import type { Secret } from '#lib/secret.ts';
import type { Clock } from '#lib/time.ts';
import type { MailReport } from '#responder/mail/mail-report.ts';
import type { State, StateTransaction } from '#state/state.ts';
import type { UserDirectory } from '#state/user-reader.ts';
import type { Stream } from '#stream/stream.ts';
import type { KeyedVault } from '#vault/open-vault.ts';

/** Everything the API works with. The composition root fills it; each part is only what the API needs of it. */
export interface Services {
  readonly state: State;
  readonly users: UserDirectory;
  readonly stream: Pick<Stream, 'publish' | 'head'>;
  readonly archive: Pick<Archive, 'search' | 'countBySession' | 'status'>;
  /** How far detection has come, and why it stands still when it does. */
  readonly detection: {
    status(): Promise<{ readonly position: number; readonly problem: string | null }>;
  };
  /** What came in over syslog, and what became of it. */
  readonly intake: { status(): Promise<IntakeState> };
  readonly control: Pick<Control, 'sessions' | 'terminate'>;
  readonly vault: KeyedVault;
  readonly passwords: Passwords;
  /** Judges passwords and codes, for every channel alike. */
  readonly signIn: Pick<SignIn, 'asksCode' | 'password' | 'forgive'>;
  /** How long browsers stay signed in. */
  readonly webSessions: WebSessionLimits;
  readonly policy: PolicyService;
  readonly locks: LockService;
  readonly offenses: OffenseService;
  readonly actions: ActionService;
  readonly trials: ActionTrials;
  readonly recovery: RecoveryService;
  readonly connectors: ConnectorService;
  readonly logSources: LogSourceService;
  readonly recordings: RecordingService;
  readonly mail: MailService;
  readonly doctor: DoctorService;
  readonly clock: Clock;
}

/** The listeners for syslog; none when none is configured. */
export interface IntakeState {
  readonly listeners: readonly {
    readonly transport: 'udp' | 'tcp' | 'tls';
    readonly address: string;
    readonly connections: number;
    readonly received: number;
    readonly droppedByKernel: number;
    readonly droppedHere: number;
    readonly refused: number;
    readonly truncated: number;
  }[];
  /** Why nothing is taken now. */
  readonly problem: string | null;
  readonly lastMessageMs: number | null;
}

export interface PolicyService {
  /** Locks, rules and grants as they stand. Throws when they cannot be read: the answer is then no. */
  current(): Promise<{ readonly facts: AccessFacts }>;
  /** To be called after each commit that changed users, groups, grants, rules or locks. */
  policyChanged(): void;
}

export interface NewLock {
  readonly targetKind: LockTargetKind;
  readonly target: string;
  readonly mode: LockMode;
  readonly reason: string;
  readonly owner: string;
  /** From where the owner asked for it; for the audit trail. */
  readonly address?: string;
  readonly expiresAt: number | null;
}

export interface LockService {
  /**
   * Stores the lock, tells every gateway, and answers when what it concerns is gone. The guard is asked inside
   * the transaction; a text refuses the lock.
   */
  addUnless(
    lock: NewLock,
    guard: (tx: StateTransaction) => Promise<string | null>,
  ): Promise<{ readonly lock: Lock; readonly containment: Containment } | { readonly refused: string }>;
  /** Ends a lock, and with it the episode it contained. Undefined when there is no such lock in force. */
  end(
    id: string,
    how: { readonly by: string; readonly address?: string; readonly reason: string },
  ): Promise<Lock | undefined>;
  inForce(): Promise<readonly Lock[]>;
}

export interface OffenseService {
  /** Ends the episode and re-arms the rule. False when the offense is closed already. */
  close(
    offenseId: string,
    how: { readonly by: string; readonly verdict: OffenseVerdict; readonly comment: string },
  ): Promise<boolean>;
  /** Opens a closed offense for people; no episode opens. False when it is open. */
  reopen(offenseId: string, how: { readonly by: string; readonly comment: string }): Promise<boolean>;
  /** Says who looks after it; null for nobody. Throws E_INPUT for whom it cannot be. */
  assign(offenseId: string, to: { readonly by: string; readonly assignee: string | null }): Promise<void>;
  comment(offenseId: string, comment: { readonly by: string; readonly text: string }): Promise<void>;
}

export interface ActionService {
  /** False when there is no such action that waits for a person. */
  approve(actionId: string, by: string): Promise<boolean>;
  reject(actionId: string, by: string): Promise<boolean>;
}

export interface ActionTrials {
  /** Changes nothing. Throws E_INPUT for values that do not fit, E_MAIL when a mail could not be sent. */
  run(request: {
    readonly name: string;
    readonly set: Readonly<Record<string, string>>;
    readonly send: boolean;
  }): Promise<ActionTrial>;
}

export interface RecoveryService {
  /** Kills the credentials, mails the link. Throws E_NO_ADDRESS or E_MAIL when it cannot be mailed. */
  start(username: string, by: string): Promise<Recovery>;
  latest(username: string): Promise<Recovery | undefined>;
  /** Whom a link is for. Undefined when it is unknown, used, revoked or expired; looking changes nothing. */
  findLink(link: Secret): Promise<RecoveryLink | undefined>;
  /** Uses up the link and gives the recovery codes. Throws E_LINK_INVALID; E_INPUT for a code that is not right. */
  completeRecovery(
    link: Secret,
    choice: {
      readonly password: Secret;
      readonly address: string;
      /** Ids of the keys that the person confirmed; the others stay suspended. */
      readonly keepKeys: readonly string[];
      /** What the authenticator shows that was set up; null for none. */
      readonly code: Secret | null;
    },
  ): Promise<readonly Secret[]>;
  /** Mails a fresh link at once; undefined when no recovery is under way. Throws E_RATE_LIMITED. */
  resume(username: string): Promise<Recovery | undefined>;
  /** A second person lets the link be mailed. Throws E_CONFLICT. */
  approve(username: string, by: string): Promise<Recovery>;
  /** Ends a recovery that was not completed; the credentials stay dead. False when it is over already. */
  cancel(recoveryId: string, by: string): Promise<boolean>;
}

export interface ConnectorService {
  list(): readonly ConnectorView[];
  /** Changes nothing. Throws E_NOT_FOUND. */
  test(name: string): Promise<ConnectorReport>;
  /** Ends the old credentials there, then the lock. Throws E_NOT_FOUND, E_CONFLICT, E_UNSUPPORTED, E_UNAVAILABLE. */
  recover(name: string, username: string, by: string): Promise<ForeignRecovery>;
}

export interface LogSourceService {
  /** To be called after each commit that changed log sources: resolves when the next line is judged by them. */
  changed(): Promise<void>;
  explain(request: {
    readonly lines: readonly string[];
    readonly address: string;
  }): Promise<readonly ExplainedLine[]>;
  /** Resolves when the events are durable. */
  importHistory(batch: {
    readonly source: { readonly name: string; readonly realm: string; readonly confirmed: boolean };
    readonly file: string;
    readonly firstLine: number;
    readonly lines: readonly string[];
    readonly writtenAtMs: number;
  }): Promise<ImportedLines>;
}

export interface RecoveryLink {
  readonly username: string;
  readonly language: Language;
  /** Suspended keys, to be confirmed one by one. */
  readonly keys: readonly { readonly id: string; readonly fingerprint: string; readonly comment: string }[];
  readonly secondFactor: { readonly isDemanded: boolean; readonly uri: Secret; readonly secret: Secret };
}

export interface RecordingService {
  /** The file as it is stored. */
  openRaw(recordingId: string): Promise<Readable>;
  exportAsciicast(
    recordingId: string,
    options: { readonly version: 2 | 3; readonly input: boolean },
  ): Promise<Readable>;
  verify(recordingId: string): Promise<RecordingVerification>;
}

export interface MailService {
  /** Sends a test mail and tells each step up to the one that failed. Throws E_MAIL without a mail server. */
  sendTest(to: string): Promise<MailTest>;
  /** Goes up to the mail server, logs in and leaves. Null without a mail server. */
  look(): Promise<MailReport | null>;
}

export interface DoctorService {
  checks(): Promise<readonly DoctorCheck[]>;
}
