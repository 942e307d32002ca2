import { expect, test } from 'vitest';
import type { ConnectorReport } from '#contract/resources/connector.ts';
import { judgeConnector } from './check-connectors.ts';
import { failure, good, warning } from './finding.ts';

const judge = (report: Partial<ConnectorReport>): ReturnType<typeof judgeConnector> =>
  judgeConnector({
    name: 'jumpserver-1',
    kind: 'jumpserver',
    url: 'https://js.example.com',
    usable: true,
    version: 4,
    clockAheadMs: 0,
    checks: [good('clock', '0 s ahead of ours')],
    permissions: [],
    ...report,
  });

test('a bastion where people can be contained is well', () => {
  expect(judge({})).toEqual(good('connector jumpserver-1', 'https://js.example.com, version 4'));
});

test('everything that is not well is named, each advice once, with the way to look closer', () => {
  const checks = [
    warning('clock', '40 s behind ours', 'Set both clocks.'),
    warning('permission a', 'missing', 'Add it.'),
    warning('permission b', 'missing', 'Add it.'),
  ];
  expect(judge({ checks })).toEqual(
    warning(
      'connector jumpserver-1',
      'clock: 40 s behind ours; permission a: missing; permission b: missing',
      'Set both clocks. Add it. portcullis connector test jumpserver-1 shows each step.',
    ),
  );
});

test('a bastion where nobody can be contained is a failure, whatever its checks say', () => {
  expect(judge({ usable: false })).toMatchObject({
    status: 'failure',
    detail: 'people there cannot be contained',
  });
  expect(
    judge({ usable: true, checks: [failure('organisations', 'unseen', 'Correct them.')] }),
  ).toMatchObject({
    status: 'failure',
  });
});
