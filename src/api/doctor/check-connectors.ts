import type { ConnectorReport } from '#contract/resources/connector.ts';
import type { DoctorCheck } from '#contract/resources/doctor-report.ts';
import type { Services } from '../services.ts';
import { failure, good, warning } from './finding.ts';

/** Whether people can be contained at each foreign bastion. Nothing is changed there. */
export async function checkConnectors(
  connectors: Pick<Services['connectors'], 'list' | 'test'>,
): Promise<readonly DoctorCheck[]> {
  return Promise.all(connectors.list().map(async ({ name }) => judgeConnector(await connectors.test(name))));
}

/** One finding of a whole test: the worst in it decides, and everything that is not well is named. */
export function judgeConnector(report: ConnectorReport): DoctorCheck {
  const name = `connector ${report.name}`;
  const problems = report.checks.filter(({ status }) => status !== 'ok');
  if (problems.length === 0 && report.usable)
    return good(name, `${report.url}, version ${report.version ?? 'unknown'}`);
  const isBroken = !report.usable || problems.some(({ status }) => status === 'failure');
  const advice = [...new Set(problems.flatMap((problem) => problem.advice ?? []))];
  return (isBroken ? failure : warning)(
    name,
    [
      ...(report.usable ? [] : ['people there cannot be contained']),
      ...problems.map((problem) => `${problem.name}: ${problem.detail}`),
    ].join('; '),
    [...advice, `portcullis connector test ${report.name} shows each step.`].join(' '),
  );
}
