import { expect, test } from 'vitest';
import type { TransformName } from '#contract/log-source-type.ts';
import type { JsonValue } from '#lib/json.ts';
import { mapTransform, TRANSFORM_OF } from './transforms.ts';

test.each<[TransformName, JsonValue, JsonValue | undefined]>([
  ['trim', ' a ', 'a'],
  ['lower', 'ÄB', 'äb'],
  ['upper', 'ab', 'AB'],
  ['shorten', 'x'.repeat(2_000), 'x'.repeat(1_024)],
  ['number', '12.5', 12.5],
  ['number', '1e9', undefined],
  ['number', '', undefined],
  ['boolean', 'Yes', true],
  ['boolean', 0, false],
  ['boolean', 'perhaps', undefined],
  ['address', '::ffff:10.1.2.3', '10.1.2.3'],
  ['address', '2001:DB8:0::1', '2001:db8::1'],
  ['address', '10.1.2', undefined],
  ['address', '010.1.2.3', undefined],
  ['in-brackets', 'Alice Li(alice)', 'alice'],
  ['in-brackets', '李(研发)(alice)', 'alice'],
  ['in-brackets', 'alice', 'alice'],
  ['in-brackets', 'a(b) c', 'a(b) c'],
  ['in-brackets', ')', ')'],
  ['before-brackets', 'web01(10.0.0.5)', 'web01'],
  ['before-brackets', 'web01', 'web01'],
  ['only-in-brackets', 'web01(10.0.0.5)', '10.0.0.5'],
  ['only-in-brackets', 'web01', undefined],
  ['epoch-seconds', 1_727_769_700, 1_727_769_700_000],
  ['epoch-seconds', '1727769700.25', 1_727_769_700_250],
  ['epoch-seconds', 1e300, undefined],
  ['epoch-seconds', -1, undefined],
  ['epoch-milliseconds', 1_727_769_700_000, 1_727_769_700_000],
  ['iso-date', '2024-10-01T16:00:00+08:00', 1_727_769_600_000],
  ['iso-date', '2024-10-01 08:00:00.5Z', 1_727_769_600_500],
  ['iso-date', '2024-10-01T16:00:00', undefined],
  ['iso-date', '2024-13-01T16:00:00Z', undefined],
  ['jumpserver-date', '2024/10/01 16:00:00 +0800', 1_727_769_600_000],
  ['jumpserver-date', '2024/10/01 16:00:00 -0330', 1_727_811_000_000],
  ['jumpserver-date', '2024/13/01 16:00:00 +0800', undefined],
  ['jumpserver-date', '2024/10/01 16:00:00', undefined],
  ['octal-escapes', 'a#012b#011c#101#9', 'a\nb\tc#101#9'],
  ['cut-in-middle', `${'a'.repeat(62)}...${'b'.repeat(62)}`, true],
  ['cut-in-middle', `${'中'.repeat(62)}...${'🙂'.repeat(62)}`, true],
  ['cut-in-middle', `${'a'.repeat(61)}...${'b'.repeat(63)}`, undefined],
  ['cut-in-middle', 'echo ...', undefined],
  ['lower', { a: 1 }, undefined],
])('%s of %j', (name, value, expected) => {
  expect(TRANSFORM_OF[name](value)).toEqual(expected);
});

test('a table knows its words, and all others when it says so', () => {
  expect(mapTransform({ T: 'ssh' })('T')).toBe('ssh');
  expect(mapTransform({ T: 'ssh' })('constructor')).toBeUndefined();
  expect(mapTransform({ T: 'ssh', '*': 'other' })('W')).toBe('other');
  expect(mapTransform({ '1': 'on' })(1)).toBe('on');
});
