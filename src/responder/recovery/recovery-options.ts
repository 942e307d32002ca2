import type { Control } from '#control/control.ts';
import type { Secret } from '#lib/secret.ts';
import type { Clock } from '#lib/time.ts';
import type { State } from '#state/state.ts';
import type { Stream } from '#stream/stream.ts';
import type { LockService } from '../locks/lock-service.ts';
import type { Mailer } from '../mail/mailer.ts';

/** What recovery works with. */
export interface RecoveryOptions {
  readonly state: State;
  readonly stream: Pick<Stream, 'head'>;
  readonly control: Pick<Control, 'terminate'>;
  readonly locks: Pick<LockService, 'tell'>;
  /** Null when no mail server is configured. */
  readonly mailer: Mailer | null;
  readonly publicUrl: string | null;
  readonly hashPassword: (password: Secret) => Promise<string>;
  readonly clock: Clock;
}
