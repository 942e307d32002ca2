import type { Config } from '#config/config.ts';
import type { DoctorCheck } from '#contract/resources/doctor-report.ts';
import { readLogSources } from '#state/log-sources.ts';
import type { DoctorService, Services } from '../services.ts';
import { checkCertificate, checkDataDir, checkDiskSpace, checkNativeCrypto } from './check-machine.ts';
import { checkBastionLogs } from './check-bastion-logs.ts';
import { checkConnectors } from './check-connectors.ts';
import { checkIntake } from './check-intake.ts';
import { checkLogSources } from './check-log-sources.ts';
import { checkMailQueue, checkMailServer } from './check-mail.ts';
import { failure } from './finding.ts';
import { checkAdministrators, checkArchive, checkClock, checkDetection, checkLocks } from './check-state.ts';

export interface DoctorOptions {
  readonly config: Config;
  readonly services: Pick<
    Services,
    'state' | 'stream' | 'archive' | 'detection' | 'intake' | 'locks' | 'mail' | 'clock' | 'connectors'
  >;
}

/** What it found, or what it found about each of several things. */
type Check = () => Promise<DoctorCheck | readonly DoctorCheck[]>;

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
    'log sources': async () => checkLogSources(await readLogSources(services.state.reader), services.clock()),
    connectors: () => checkConnectors(services.connectors),
    'logs of bastions': () =>
      checkBastionLogs(
        services.connectors.list().map(({ name }) => name),
        services.archive,
        services.clock(),
      ),
    mail: async () => checkMailServer(await services.mail.look(), services.clock()),
    mails: () => checkMailQueue(services.state.reader, services.clock()),
    administrators: () => checkAdministrators(services.state.reader, services.clock()),
    locks: () => checkLocks(services.locks),
  };
  return {
    checks: async () => {
      const found = await Promise.all(
        Object.entries(checks).map(async ([name, check]) => {
          try {
            return await check();
          } catch (error) {
            const why = error instanceof Error ? error.message : String(error);
            return failure(name, `cannot be checked: ${why}`, 'Look into the log of the server.');
          }
        }),
      );
      return found.flat();
    },
  };
}
