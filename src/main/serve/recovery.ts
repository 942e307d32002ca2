import type { Config } from '#config/config.ts';
import type { Control } from '#control/control.ts';
import type { Passwords } from '#identity/passwords.ts';
import type { Clock } from '#lib/time.ts';
import type { LockService } from '#responder/locks/lock-service.ts';
import type { Mailer } from '#responder/mail/mailer.ts';
import { RecoveryService } from '#responder/recovery/recovery-service.ts';
import type { State } from '#state/state.ts';
import type { Stream } from '#stream/stream.ts';
import type { Vault } from '#vault/vault.ts';

export interface RecoveryParts {
  readonly config: Config;
  readonly state: State;
  readonly stream: Stream;
  readonly control: Control;
  readonly locks: LockService;
  readonly mailer: Mailer | null;
  readonly vault: Vault;
  readonly passwords: Passwords;
  readonly clock: Clock;
}

export function composeRecovery({ config, passwords, ...parts }: RecoveryParts): RecoveryService {
  return new RecoveryService({
    ...parts,
    ...config.recovery,
    publicUrl: config.http.publicUrl,
    hashPassword: (password) => passwords.hash(password),
  });
}
