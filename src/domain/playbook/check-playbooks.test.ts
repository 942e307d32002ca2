import { expect, test } from 'vitest';
import { buildRuleSet } from '../detection/rule-set.ts';
import { buildPlaybooks, checkPlaybooks } from './playbook-file.ts';

const rules = (playbook: string, entity = 'user') =>
  buildRuleSet([
    {
      path: 'r.yml',
      text: `title: Rule\nname: rule\nlogsource: {product: portcullis}\ndetection: {s: {type: login.failed}, condition: s}\nportcullis: {entity: ${entity}, mode: auto${playbook}}\n`,
    },
  ]);
const playbooks = (actions: string) =>
  buildPlaybooks([{ path: 'p.yaml', text: `name: act\ntitle: Act\nactions: [${actions}]\n` }]);

const LOCK = '{id: lock, action: lock}';
const BLOCK = '{id: block, action: block}';
const TELL = '{id: tell, action: mail, with: {to: responders}}';
const PERSON = '{id: person, action: mail, with: {to: person}}';

test.each([
  ['a rule without one', rules('', 'address'), playbooks(LOCK)],
  ['a person who is locked', rules(', playbook: act'), playbooks(`${TELL}, ${LOCK}`)],
  ['an address about which responders are told', rules(', playbook: act', 'address'), playbooks(TELL)],
  ['an address that is locked', rules(', playbook: act', 'address'), playbooks(`${BLOCK}, ${TELL}`)],
])('%s fits', (_name, ruleSet, known) => {
  expect(() => checkPlaybooks(ruleSet, known)).not.toThrow();
});

test('a playbook that is not there is missed, with the place of the rule', () => {
  expect(() => checkPlaybooks(rules(', playbook: other'), playbooks(LOCK))).toThrow(
    /^r\.yml:\d+: there is no playbook "other"$/,
  );
});

test.each([
  [`${TELL}, ${LOCK}`, 'lock'],
  [PERSON, 'person'],
])('what acts on a person does not fit an address: %s', (actions, id) => {
  expect(() => checkPlaybooks(rules(', playbook: act', 'address'), playbooks(actions))).toThrow(
    `playbook "act" acts on a user (${id}), but the rule's entity is address`,
  );
});

test('what locks an address does not fit a person', () => {
  expect(() => checkPlaybooks(rules(', playbook: act'), playbooks(`${TELL}, ${BLOCK}`))).toThrow(
    'playbook "act" acts on an address (block), but the rule\'s entity is user',
  );
});

test('YAML that does not parse is refused with its line, in one line', () => {
  const read = (text: string) => () => buildPlaybooks([{ path: 'p.yaml', text }]);
  expect(read('name: act\ntitle: [\n')).toThrow(/^p\.yaml:\d+: [^\n]{20,}$/);
  expect(read('name: &a act\ntitle: *a\nactions: []\n')).toThrow(
    /^p\.yaml: YAML aliases are not accepted: .+/,
  );
});
