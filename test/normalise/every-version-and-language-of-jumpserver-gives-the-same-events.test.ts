import { describe, expect, test } from 'vitest';
import type { EventRecord } from '#contract/event.ts';
import {
  AUDIT_RECORDS,
  auditLine,
  LANGUAGES,
  VERSIONS,
  type Language,
  type Version,
} from '../testbed/jumpserver/audit-records.ts';
import { createReader } from './shipped-types.ts';

/** Events of ours that name no user: a failed login, and what an administrator did. */
const NOBODY: ReadonlySet<string> = new Set(['login.failed', 'object.updated']);

describe.each(AUDIT_RECORDS)('%s', (category, record, expected) => {
  const read = (version: Version, language: Language): EventRecord => {
    const line = auditLine(category, record(version, language));
    const [event, ...more] = createReader('jumpserver-1')(line);
    if (event === undefined) throw new Error('the line gave no event');
    expect(more).toEqual([]);
    expect(event.raw).toBe(line);
    return event;
  };

  test(`is ${expected.type ?? ''} in every version and language`, () => {
    const { raw: _raw, ...first } = read(4, 'en');
    expect(first).toMatchObject({ ...expected, source: 'jumpserver-1', realm: 'jumpserver-1' });
    expect(first.user === undefined).toBe(NOBODY.has(first.type));
    for (const version of VERSIONS)
      for (const language of LANGUAGES) {
        const { raw: _line, ...event } = read(version, language);
        expect(event, `version ${version}, ${language}`).toEqual(first);
      }
  });
});
