import { PortcullisError } from '#contract/errors.ts';
import type { SYSTEM_ROUTES } from '#contract/routes/system-routes.ts';
import { applyDocument } from '../apply/apply-document.ts';
import { auditor } from '../audit.ts';
import type { Handlers } from '../http/register-routes.ts';
import type { Services } from '../services.ts';
import { rekeyVault } from '../vault-rekey.ts';

export function systemHandlers(services: Services): Handlers<typeof SYSTEM_ROUTES> {
  const { state, stream, clock } = services;
  return {
    apply: ({ caller, query, body }) =>
      applyDocument(services, body, caller, { dryRun: query.dryRun === 'true' }),
    rekeyVault: async ({ caller }) => {
      const report = await rekeyVault(services.vault, state);
      await state.transact(async (_tx, emit) => {
        auditor(emit, caller, clock()).vaultRekeyed({ resealed: report.resealed });
      });
      return { resealed: { ...report.resealed }, keysInUse: [...report.keysInUse] };
    },
    testMail: async ({ body }) => ({ answer: await services.mail.sendTest(body.to) }),
    getDoctorReport: async () => {
      const checks = await services.doctor.checks();
      return { healthy: checks.every((one) => one.status !== 'failure'), checks: [...checks] };
    },
    getHealth: async () => {
      try {
        await Promise.all([
          state.reader.selectFrom('settings').select('key').limit(1).execute(),
          stream.head(),
        ]);
      } catch (cause) {
        throw new PortcullisError('E_UNAVAILABLE', 'The server is not ready.', { cause });
      }
      return { status: 'ok' };
    },
  };
}
