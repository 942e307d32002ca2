import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadRules } from '#detector/load-content.ts';
import { createMatcher } from '#domain/detection/matcher.ts';
import { createReader } from './shipped-types.ts';

const rules = await loadRules([join(import.meta.dirname, '..', '..', 'content', 'rules')]);

const line = (id: number, user: string, risk: number): string =>
  `<14>jumpserver: session_command_log - {"account": "root(root)", "asset": "web01(10.0.0.5)", "id": "e5-${id}", "input": "su", "remote_addr": "10.1.2.3", "risk_level": {"label": "拒绝", "value": ${risk}}, "session": "1d-1", "timestamp": 1727769700, "user": "${user}"}`;

test('the shipped rule counts it for the person in the realm of the source, and no record twice', () => {
  const read = createReader('jumpserver-1');
  const match = createMatcher(rules);
  const lines = [
    line(1, 'Alice(alice)', 5),
    line(1, 'Alice(alice)', 5),
    line(2, 'Bob(alice)(bob)', 5),
    line(3, 'Alice(alice)', 0),
  ];
  const records = lines
    .flatMap((one) => read(one))
    .flatMap((event) => match(event))
    .filter(({ rule }) => rule.title === 'Rejected privileged command');
  expect(records.map(({ entity }) => entity)).toEqual(['jumpserver-1:alice', 'jumpserver-1:bob']);
});

test('guessing at a foreign bastion counts by address and never by the name that was typed', () => {
  const read = createReader('jumpserver-1');
  const match = createMatcher(rules);
  const failed = `<14>jumpserver: login_log - {"backend": "Password", "datetime": "2024/10/01 16:00:00 +0800", "id": "0b-1", "ip": "192.0.2.9", "mfa": {"label": "-", "value": 2}, "reason": "", "status": {"label": "", "value": false}, "type": {"label": "", "value": "T"}, "username": "alice"}`;
  const entities = read(failed)
    .flatMap((event) => match(event))
    .map(({ entity }) => entity);
  expect(entities.length).toBeGreaterThan(0);
  expect(new Set(entities)).toEqual(new Set(['@address:192.0.2.9']));
});
