import type { Config } from '#config/config.ts';
import type { DoctorCheck } from '#contract/resources/doctor-report.ts';
import type { DoctorService, Services } from '../services.ts';
import { checkCertificate, checkDataDir, checkDiskSpace, checkNativeCrypto } from './check-machine.ts';
import { checkIntake } from './check-intake.ts';
import { checkMailQueue, checkMailServer } from './check-mail.ts';
import { checkAdministrators, checkArchive, checkClock, checkDetection, checkLocks } from './check-state.ts';

export interface DoctorOptions {
  readonly config: Config;
  readonly services: Pick<
    Services,
    'state' | 'stream' | 'archive' | 'detection' | 'intake' | 'locks' | 'mail' | 'clock'
  >;
}

type Check = () => Promise<DoctorCheck>;

/** Looks at everything a running server stands on. A check that cannot be carried out is a failure of its own. */
export function createDoctor({ config, services }: DoctorOptions): DoctorService {
  const checks: Readonly<Record<string, Check>> = {
    'data folder': () => checkDataDir(config.dataDir, config.vault.keyFile),
    'disk space': () => checkDiskSpace(config.dataDir, config.retention.reserveBytes),
    'SSH crypto': checkNativeCrypto,
    certificate: () => checkCertificate(config.http, services.clock()),
    clock: () => checkClock(services.state.reader, services.clock()),
    archive: () => checkArchive(services.archive, services.stream),
    detection: () => checkDetection(services.detection, services.stream),
    intake: () => checkIntake(services.intake, services.clock()),
    mail: async () => checkMailServer(await services.mail.look(), services.clock()),
    mails: () => checkMailQueue(services.state.reader, services.clock()),
    administrators: () => checkAdministrators(services.state.reader, services.clock()),
    locks: () => checkLocks(services.locks),
  };
  return {
    checks: () =>
      Promise.all(
        Object.entries(checks).map(async ([name, check]): Promise<DoctorCheck> => {
          try {
            return await check();
          } catch (error) {
            const why = error instanceof Error ? error.message : String(error);
            return {
              name,
              status: 'failure',
              detail: `cannot be checked: ${why}`,
              advice: 'Look into the log of the server.',
            };
          }
        }),
      ),
  };
}
