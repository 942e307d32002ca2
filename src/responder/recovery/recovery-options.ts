import type { Control } from '#control/control.ts';
import type { Secret } from '#lib/secret.ts';
import type { Clock } from '#lib/time.ts';
import type { State } from '#state/state.ts';
import type { Stream } from '#stream/stream.ts';
import type { Vault } from '#vault/vault.ts';
import type { LockService } from '../locks/lock-service.ts';
import type { Mailer } from '../mail/mailer.ts';

/** What the steps that need no person work with. */
export interface GoOnOptions {
  readonly state: State;
  readonly control: Pick<Control, 'terminate'>;
  /** Null when no mail server is configured. */
  readonly mailer: Mailer | null;
  readonly publicUrl: string | null;
  readonly linkLifetimeMs: number;
  readonly clock: Clock;
}

/** What recovery works with. */
export interface RecoveryOptions extends GoOnOptions {
  readonly stream: Pick<Stream, 'head'>;
  readonly locks: Pick<LockService, 'tell'>;
  readonly vault: Pick<Vault, 'seal' | 'openBytes'>;
  /** Of one user, and to one mail address. */
  readonly mailsPerHour: number;
  readonly secondPerson: boolean;
  readonly hashPassword: (password: Secret) => Promise<string>;
}
