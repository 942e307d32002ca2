import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Manner } from './manner.ts';
import {
  durationText,
  JumpServerSession,
  jumpServerSession,
  KillSessionBody,
  passesSessionFilter,
  SessionFilter,
  type SessionFacts,
} from './session.ts';

const date = (timeMs: number): string => `at ${timeMs}`;
const V3: Manner = { version: 3, date };
const V4: Manner = { version: 4, date };
const ID = '0190a1b2-0000-7000-8000-00000000000a';
const OTHER = '0190a1b2-0000-7000-8000-00000000000b';

const FACTS: SessionFacts = {
  id: ID,
  user: { id: 'u-1', username: 'alice', name: 'Alice Li' },
  asset: { id: 'a-1', name: 'web01', address: '10.0.0.5' },
  account: { id: 'c-1', username: 'root' },
  protocol: 'ssh',
  address: '192.0.2.7',
  node: 'gateway-1',
  startedAt: 1_000,
  endedAt: null,
  isLocked: false,
  recordings: [{ kind: 'shell', bytes: 5 }],
  commands: 2,
  mayTerminate: true,
  mayReplay: true,
};

/** As documented for version 4; version 3 has no `replay_size`. */
const FIELDS =
  `id user asset user_id asset_id account account_id protocol type login_from remote_addr is_success is_finished
  has_replay has_command date_start date_end duration comment terminal_display is_locked command_amount error_reason
  terminal can_replay can_join can_terminate org_id org_name`.split(/\s+/);

test('a live session in version 4', () => {
  const session = jumpServerSession(FACTS, V4, 202_000);
  expect(Object.keys(session).toSorted()).toEqual([...FIELDS, 'replay_size'].toSorted());
  expect(JumpServerSession.parse(session)).toEqual(session);
  expect(session).toMatchObject({
    user: 'Alice Li(alice)',
    asset: 'web01(10.0.0.5)',
    account: 'root(root)',
    type: { value: 'normal' },
    login_from: { value: 'ST', label: 'SSH Terminal' },
    is_finished: false,
    date_start: 'at 1000',
    date_end: null,
    duration: '0:03:21',
    has_replay: false,
    has_command: true,
    can_terminate: true,
    replay_size: 5,
  });
});

test('version 3 has no replay_size', () => {
  expect(Object.keys(jumpServerSession(FACTS, V3, 0)).toSorted()).toEqual(FIELDS.toSorted());
});

test('an ended session of a command, on an asset that is gone, seen by an auditor', () => {
  const session = jumpServerSession(
    {
      ...FACTS,
      asset: { id: '', name: 'old', address: '' },
      endedAt: 61_000,
      recordings: [{ kind: 'exec', bytes: 5 }],
      mayTerminate: false,
    },
    V4,
    999_999_999,
  );
  expect(session).toMatchObject({
    asset: 'old',
    type: { value: 'command' },
    is_finished: true,
    duration: '0:01:00',
    date_end: 'at 61000',
    has_replay: true,
    can_replay: true,
    can_terminate: false,
  });
});

test.each([
  [-1, '0:00:00'],
  [999, '0:00:00'],
  [59_999, '0:00:59'],
  [3_600_000, '1:00:00'],
  [86_399_000, '23:59:59'],
  [86_400_000, '1 day, 0:00:00'],
  [2 * 86_400_000 + 61_000, '2 days, 0:01:01'],
])('%d ms last %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

test.each<[Record<string, string>, boolean]>([
  [{}, true],
  [{ user: 'alice' }, true],
  [{ user: 'Alice Li(alice)' }, true],
  [{ user: 'bob' }, false],
  [{ user_id: 'u-1' }, true],
  [{ user_id: 'u-2' }, false],
  [{ asset: 'web01' }, true],
  [{ asset: '10.0.0.5' }, true],
  [{ asset: 'web' }, false],
  [{ asset_id: 'a-2' }, false],
  [{ account: 'root' }, true],
  [{ account: 'roo' }, false],
  [{ remote_addr: '192.0.2.7' }, true],
  [{ remote_addr: '192.0.2.70' }, false],
  [{ protocol: 'ssh' }, true],
  [{ protocol: 'rdp' }, false],
  [{ login_from: 'ST' }, true],
  [{ login_from: 'WT' }, false],
  [{ is_finished: 'False' }, true],
  [{ is_finished: 'true' }, false],
  [{ id: ID.toUpperCase() }, true],
  [{ id: OTHER }, false],
  [{ search: 'ALICE' }, true],
  [{ search: 'db01' }, false],
])('filter %j: %s', (query, passes) => {
  expect(passesSessionFilter(jumpServerSession(FACTS, V4, 0), SessionFilter.parse(query))).toBe(passes);
});

test.each([
  ['a list', [ID, OTHER], [ID, OTHER]],
  ['an object whose names are the ids', { [ID]: '', [OTHER]: 1 }, [ID, OTHER]],
  ['one twice', [ID, ID.toUpperCase()], [ID]],
  ['what is no id', [ID, 'nonsense', 7, null, { id: OTHER }, [OTHER], ''], [ID]],
  ['nothing', [], []],
])('kill-session takes %s', (_what, body, ids) => {
  expect(KillSessionBody.parse(body)).toEqual(ids);
});

test('kill-session never fails on a list or an object, and gives ids only', () => {
  fc.assert(
    fc.property(fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue())), (body) => {
      for (const id of KillSessionBody.parse(body))
        expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    }),
  );
});

test.each([['text'], [7], [null]])('kill-session refuses %j', (body) => {
  expect(KillSessionBody.safeParse(body).success).toBe(false);
});
