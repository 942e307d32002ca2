import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Secret } from '#lib/secret.ts';
import { toBase32 } from './base32.ts';
import { codeOfStep, enrolmentUri, matchingStep, secretForPeople, stepAt } from './totp.ts';

const rfcSecret = new Secret<Uint8Array>(Buffer.from('12345678901234567890'));

test.each([
  // RFC 6238 appendix B, of which the last six digits.
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
])('the code at second %i of RFC 6238 is %s', (seconds, code) => {
  expect(codeOfStep(rfcSecret, stepAt(seconds * 1000))).toBe(code);
});

test.each([
  // RFC 4226 appendix D.
  [0, '755224'],
  [1, '287082'],
  [9, '520489'],
])('the code of counter %i of RFC 4226 is %s', (counter, code) => {
  expect(codeOfStep(rfcSecret, counter)).toBe(code);
});

test.each([
  // RFC 4648 section 10, without padding.
  ['', ''],
  ['f', 'MY'],
  ['fo', 'MZXQ'],
  ['foo', 'MZXW6'],
  ['foob', 'MZXW6YQ'],
  ['fooba', 'MZXW6YTB'],
  ['foobar', 'MZXW6YTBOI'],
])('%j is in base32 %s', (text, encoded) => {
  expect(toBase32(Buffer.from(text))).toBe(encoded);
});

describe('a code', () => {
  const now = 1_800_000_000_000;
  const step = stepAt(now);

  test('of the step before, of this one and of the next is right, and no other', () => {
    const fits = [-3, -2, -1, 0, 1, 2, 3].map(
      (away) => matchingStep(rfcSecret, codeOfStep(rfcSecret, step + away), now, 0) === step + away,
    );
    expect(fits).toEqual([false, false, true, true, true, false, false]);
  });

  test('counts once: neither itself nor an older one is right again', () => {
    expect(matchingStep(rfcSecret, codeOfStep(rfcSecret, step), now, step)).toBeUndefined();
    expect(matchingStep(rfcSecret, codeOfStep(rfcSecret, step - 1), now, step)).toBeUndefined();
    expect(matchingStep(rfcSecret, codeOfStep(rfcSecret, step + 1), now, step)).toBe(step + 1);
  });

  test('is six digits and nothing else, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), (typed) => {
        if (/^\d{6}$/.test(typed)) return;
        expect(matchingStep(rfcSecret, typed, now, 0)).toBeUndefined();
      }),
    );
  });
});

test('authenticators read the secret from an address, people in groups of four', () => {
  expect(enrolmentUri(rfcSecret, 'alice', 'Portcullis')).toBe(
    'otpauth://totp/Portcullis:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Portcullis',
  );
  expect(secretForPeople(rfcSecret)).toBe('GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ');
});
