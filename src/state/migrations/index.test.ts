import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MIGRATIONS } from './index.ts';

describe('migrations', () => {
  it('are stamped with a time and a subject, each time once, oldest first', () => {
    const stamps = MIGRATIONS.map((migration) => migration.stamp);
    for (const stamp of stamps) expect(stamp).toMatch(/^\d{4}-\d{2}-\d{2}T\d{6}-[a-z]+(-[a-z]+)*$/);
    const times = stamps.map((stamp) => stamp.slice(0, 17));
    expect(new Set(times).size).toBe(times.length);
    expect(stamps).toEqual(stamps.toSorted());
  });

  it('are all listed, each under the name of its file', () => {
    const files = readdirSync(import.meta.dirname)
      .filter((file) => !file.startsWith('index.'))
      .map((file) => file.replace(/\.ts$/, ''));
    expect(MIGRATIONS.map((migration) => migration.stamp).toSorted()).toEqual(files.toSorted());
  });
});
