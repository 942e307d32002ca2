import { ERROR_CATALOGUE, isPortcullisError } from '#contract/errors.ts';
import type { DoctorReport } from '#contract/resources/doctor-report.ts';
import { SYSTEM_ROUTES as R } from '#contract/routes/system-routes.ts';
import { defineCommand } from '../command.ts';
import { checkLines } from '../output/check-lines.ts';

const vaultRekey = defineCommand({
  name: 'vault rekey',
  summary: 'Make a new master key and seal every secret anew under it.',
  options: {
    keepKey: { kind: 'flag', description: 'Make no new key: it was put into PORTCULLIS_MASTER_KEY by hand.' },
    retire: {
      kind: 'flag',
      description: 'Forget older keys that nothing needs. Backups made before need them still.',
    },
  },
  async run({ api, options, output }) {
    const report = await api.call(R.rekeyVault, {
      body: { newKey: !options.keepKey, retire: options.retire },
    });
    output.show(report, [
      ...Object.entries(report.resealed).map(([place, count]) => `${place}: ${count} sealed anew`),
      `keys in use: ${report.keysInUse.join(', ') || 'none'}`,
      ...(report.retired.length === 0 ? [] : [`keys forgotten: ${report.retired.join(', ')}`]),
      'Back up the key file now.',
    ]);
  },
});

const mailTest = defineCommand({
  name: 'mail test',
  summary: 'Send a test mail and tell each step: what the mail server answered, or what failed and why.',
  options: { to: { kind: 'text', value: 'ADDRESS', required: true, description: 'Who gets it.' } },
  async run({ api, options, output }) {
    const result = await api.call(R.testMail, { body: { to: options.to } });
    output.show({ to: options.to, ...result }, [
      ...result.steps.map(
        ({ name, ok, detail }) => `${ok ? output.good('ok') : output.bad('FAILED')}  ${name}: ${detail}`,
      ),
      result.accepted
        ? `The mail server took the mail to ${options.to}. Whether it arrives is for the mailbox to say.`
        : 'No mail was sent.',
    ]);
    return result.accepted ? 0 : ERROR_CATALOGUE.E_MAIL.exitCode;
  },
});

const doctor = defineCommand({
  name: 'doctor',
  summary: 'Tell what is well with the running server and what is not, and what to do about it.',
  async run({ api, output }) {
    const report = await api.call(R.getDoctorReport).catch((error: unknown) => unreachableReport(error));
    output.show(
      report,
      report.checks.flatMap((check) => checkLines(check, output)),
    );
    return report.healthy ? 0 : 69;
  },
});

/** A server that does not answer is a finding like any other; what else is wrong is told as an error. */
function unreachableReport(error: unknown): DoctorReport {
  if (!isPortcullisError(error) || error.code !== 'E_SERVER_UNREACHABLE') throw error;
  return {
    healthy: false,
    checks: [
      {
        name: 'server',
        status: 'failure',
        detail: error.message,
        advice: 'portcullis config check looks at the configuration without a server.',
      },
    ],
  };
}

export const systemCommands = [vaultRekey, mailTest, doctor];
