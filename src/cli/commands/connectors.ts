import type { ConnectorReport, ConnectorView } from '#contract/resources/connector.ts';
import { CONNECTOR_ROUTES as R } from '#contract/routes/connector-routes.ts';
import { defineCommand } from '../command.ts';
import { checkLines } from '../output/check-lines.ts';
import type { Output } from '../output/output.ts';
import type { Column } from '../output/table.ts';

const columns: readonly Column<ConnectorView>[] = [
  { title: 'CONNECTOR', cell: (one) => one.name },
  { title: 'KIND', cell: (one) => one.kind },
  { title: 'URL', cell: (one) => one.url },
];

const connectorList = defineCommand({
  name: 'connector list',
  summary: 'Foreign bastions on which people are contained.',
  async run({ api, output }) {
    const { items } = await api.call(R.listConnectors);
    output.list(items, columns, 'No connector is configured.');
  },
});

const connectorTest = defineCommand({
  name: 'connector test',
  summary: 'Look whether a foreign bastion can be acted on: reachability, TLS, version, clock, permissions.',
  args: { name: { count: 'one', description: 'Name of the connector.' } },
  async run({ api, args, output }) {
    const report = await api.call(R.testConnector, { params: args });
    output.show(report, reportLines(report, output));
    return report.usable ? 0 : 69;
  },
});

function reportLines(report: ConnectorReport, output: Output): readonly string[] {
  return [
    ...report.checks.flatMap((check) => checkLines(check, output)),
    report.usable
      ? `People at ${report.name} can be contained.`
      : `People at ${report.name} can NOT be contained.`,
  ];
}

const connectorRecover = defineCommand({
  name: 'connector recover',
  summary: 'Give a contained user of a foreign bastion access again: the old credentials end first.',
  args: {
    name: { count: 'one', description: 'Name of the connector.' },
    username: { count: 'one', description: 'Name of the user, exactly as it is spelt there.' },
  },
  async run({ api, args, output }) {
    const recovery = await api.call(R.recoverForeignUser, {
      params: { name: args.name },
      body: { username: args.username },
    });
    output.show(recovery, [
      ...recovery.steps.map((step) => `  ${step}`),
      `${recovery.username} is enabled at ${recovery.connector} within seconds.`,
    ]);
  },
});

export const connectorCommands = [connectorList, connectorTest, connectorRecover];
