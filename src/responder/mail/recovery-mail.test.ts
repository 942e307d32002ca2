import { expect, test } from 'vitest';
import { recoveryMail } from './recovery-mail.ts';

const mail = (lifetimeMs: number, language: 'en' | 'zh'): string =>
  recoveryMail({
    to: 'a@example.test',
    name: 'Alice',
    language,
    url: 'https://gate.test/recover/abc',
    lifetimeMs,
    id: 'id',
  }).text;

test.each([
  [3_600_000, 'within 1 hour.', '1小时内有效'],
  [1_800_000, 'within 30 minutes.', '30分钟内有效'],
  [172_800_000, 'within 2 days.', '2天内有效'],
  [5_400_000, 'within 90 minutes.', '90分钟内有效'],
  [59_000, 'within 1 minute.', '1分钟内有效'],
])('a link that is good for %i ms says so', (lifetimeMs, english, chinese) => {
  expect(mail(lifetimeMs, 'en')).toContain(english);
  expect(mail(lifetimeMs, 'zh')).toContain(chinese);
});
