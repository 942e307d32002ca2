import { describe, expect, test } from 'vitest';
import { plan } from './plan.ts';
import { buildPlaybooks } from './playbook-file.ts';

const TEXT = `name: contain
title: Contain
actions:
  - {id: lock, action: lock}
  - {id: tell, action: mail, with: {to: responders}}
  - {id: person, action: mail, with: {to: person}}
`;
const load = (text: string) => buildPlaybooks([{ path: 'p.yaml', text }]);
const about = {
  offenseId: '00000000-0000-8000-8000-000000000000',
  episode: 1,
  entity: 'gateway:alice',
  mode: 'auto' as const,
};

function contain() {
  const playbook = load(TEXT).get('contain');
  if (playbook === undefined) throw new Error('not loaded');
  return playbook;
}

describe('plan', () => {
  test('has one action for each step, in order, with targets and defaults', () => {
    expect(
      plan(contain(), about).map(({ step, action, target, params, state }) => ({
        step,
        action,
        target,
        params,
        state,
      })),
    ).toEqual([
      { step: 1, action: 'lock', target: 'gateway:alice', params: { mode: 'cut' }, state: 'planned' },
      { step: 2, action: 'mail', target: 'responders', params: { to: 'responders' }, state: 'planned' },
      { step: 3, action: 'mail', target: 'gateway:alice', params: { to: 'person' }, state: 'planned' },
    ]);
  });

  test('gives the same ids for the same episode and others for the next', () => {
    const ids = (episode: number) => plan(contain(), { ...about, episode }).map((action) => action.id);
    expect(ids(1)).toEqual(ids(1));
    expect(new Set([...ids(1), ...ids(2)]).size).toBe(6);
  });

  test('waits for approval with everything but telling the responders', () => {
    expect(plan(contain(), { ...about, mode: 'approve' }).map((action) => action.state)).toEqual([
      'awaiting_approval',
      'planned',
      'awaiting_approval',
    ]);
  });

  test('tells the responders of what waits for them, also where the playbook tells nobody', () => {
    const silent = load('name: quiet\ntitle: Quiet\nactions: [{id: b, action: block}]').get('quiet');
    if (silent === undefined) throw new Error('not loaded');
    const steps = (mode: 'approve' | 'auto') =>
      plan(silent, { ...about, entity: '@address:192.0.2.1', mode }).map(
        ({ step, action, target, params, state }) => ({ step, action, target, params, state }),
      );
    const block = {
      step: 1,
      action: 'block',
      target: '@address:192.0.2.1',
      params: { mode: 'cut', expires: '1h' },
    };
    expect(steps('approve')).toEqual([
      { ...block, state: 'awaiting_approval' },
      { step: 2, action: 'mail', target: 'responders', params: { to: 'responders' }, state: 'planned' },
    ]);
    expect(steps('auto')).toEqual([{ ...block, state: 'planned' }]);
  });
});

describe('mistakes', () => {
  test.each([
    [TEXT.replace('action: lock', 'action: detonate'), 'E_UNSUPPORTED', 'no action "detonate"'],
    [TEXT.replace('to: person', 'to: everybody'), 'E_RULE', 'actions.2.with.to'],
    [TEXT.replace('id: person', 'id: tell'), 'E_RULE', 'the same id'],
    [TEXT.replace('title: Contain\n', ''), 'E_RULE', 'title'],
    [
      TEXT.replace('{id: lock, action: lock}', '{id: lock, action: lock, with: {mode: gently}}'),
      'E_RULE',
      'mode',
    ],
    [`${TEXT}extra: 1\n`, 'E_RULE', 'extra'],
    [TEXT.replace('action: lock}', 'action: block, with: {mode: freeze}}'), 'E_RULE', 'actions.0.with.mode'],
    ['name: [', 'E_RULE', 'p.yaml:1'],
    ['just text', 'E_RULE', 'p.yaml'],
    ['a: &a x\nname: *a\n', 'E_RULE', 'alias'],
  ])('%s', (text, code, message) => {
    expect(() => load(text)).toThrow(expect.objectContaining({ code }));
    expect(() => load(text)).toThrow(message);
  });

  test('two playbooks with one name', () => {
    expect(() =>
      buildPlaybooks([
        { path: 'a.yaml', text: TEXT },
        { path: 'b.yaml', text: TEXT },
      ]),
    ).toThrow('b.yaml: there is already a playbook "contain"');
  });
});
