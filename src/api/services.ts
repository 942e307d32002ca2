import type { Readable } from 'node:stream';
import type { Archive } from '#archive/archive.ts';
import type { ActionTrial } from '#contract/resources/action-trial.ts';
import type { DoctorCheck } from '#contract/resources/doctor-report.ts';
import type { Lock, LockMode, LockTargetKind } from '#contract/resources/lock.ts';
import type { OffenseVerdict } from '#contract/resources/offense.ts';
import type { RecordingVerification } from '#contract/resources/recording.ts';
import type { Recovery } from '#contract/resources/recovery.ts';
import type { Containment } from '#contract/resources/session.ts';
import type { Language } from '#contract/resources/user.ts';
import type { Control } from '#control/control.ts';
import type { AccessFacts } from '#domain/access/decide.ts';
import type { Passwords } from '#identity/passwords.ts';
import type { Secret } from '#lib/secret.ts';
import type { Clock } from '#lib/time.ts';
import type { State, StateTransaction } from '#state/state.ts';
import type { UserDirectory } from '#state/user-reader.ts';
import type { Stream } from '#stream/stream.ts';
import type { KeyedVault } from '#vault/open-vault.ts';

/** Everything the API works with. The composition root fills it; each part is only what the API needs of it. */
export interface Services {
  readonly state: State;
  readonly users: UserDirectory;
  readonly stream: Pick<Stream, 'publish' | 'head'>;
  readonly archive: Pick<Archive, 'search' | 'status'>;
  readonly control: Pick<Control, 'sessions' | 'terminate'>;
  readonly vault: KeyedVault;
  readonly passwords: Passwords;
  readonly policy: PolicyService;
  readonly locks: LockService;
  readonly offenses: OffenseService;
  readonly actions: ActionService;
  readonly trials: ActionTrials;
  readonly recovery: RecoveryService;
  readonly recordings: RecordingService;
  readonly mail: MailService;
  readonly doctor: DoctorService;
  readonly clock: Clock;
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
  end(id: string, how: { readonly by: string; readonly reason: string }): Promise<Lock | undefined>;
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
  /** Uses up the link: sets the password, lifts the lock, closes the episode. Throws E_LINK_INVALID. */
  completeRecovery(
    link: Secret,
    choice: {
      readonly password: Secret;
      readonly address: string;
      /** Ids of the keys that the person confirmed; the others stay suspended. */
      readonly keepKeys: readonly string[];
    },
  ): Promise<void>;
  /** Ends a recovery that was not completed; the credentials stay dead. False when it is over already. */
  cancel(recoveryId: string, by: string): Promise<boolean>;
}

export interface RecoveryLink {
  readonly username: string;
  readonly language: Language;
  /** Suspended keys, to be confirmed one by one. */
  readonly keys: readonly { readonly id: string; readonly fingerprint: string; readonly comment: string }[];
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
  /** Sends a test mail. Returns what the mail server answered; throws E_MAIL with its exact words. */
  sendTest(to: string): Promise<string>;
}

export interface DoctorService {
  checks(): Promise<readonly DoctorCheck[]>;
}
