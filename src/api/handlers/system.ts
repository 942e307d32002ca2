import { PortcullisError } from '#contract/errors.ts';
import type { SYSTEM_ROUTES } from '#contract/routes/system-routes.ts';
import { applyDocument } from '../apply/apply-document.ts';
import type { Handlers } from '../http/register-routes.ts';
import type { Services } from '../services.ts';
import { rekeyAll } from '#recording/keeping/sealed-places.ts';

export function systemHandlers(services: Services): Handlers<typeof SYSTEM_ROUTES> {
  const { state, stream, vault, clock } = services;
  return {
    apply: ({ caller, query, body }) =>
      applyDocument(services, body, caller, { dryRun: query.dryRun === 'true' }),
    rekeyVault: async ({ caller, body }) => {
      if (body.newKey) await vault.addKey();
      const report = await rekeyAll(state, vault, { clock, actor: caller.name });
      const retired = body.retire ? await vault.retireKeys(new Set(report.keysInUse)) : [];
      return { resealed: { ...report.resealed }, keysInUse: [...report.keysInUse], retired: [...retired] };
    },
    testMail: ({ body }) => services.mail.sendTest(body.to),
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
