import { describe, expect, test } from 'vitest';
import { makeEvent } from '#contract/event.ts';
import { containedMail, offenseMail, type OffenseReport } from './offense-mail.ts';
import { printable } from './mail-text.ts';

const report = (command: string, entity = 'gateway:alice'): OffenseReport => ({
  offense: {
    id: 'id',
    number: 12,
    ruleFamily: 'f',
    ruleId: 'r',
    entity,
    title: 'Rejected privileged command',
    severity: 'high',
    status: 'open',
    verdict: null,
    assignee: null,
    episode: 2,
    openedAt: 0,
    updatedAt: 0,
    closedAt: null,
  },
  episode: {
    offenseId: 'id',
    episode: 2,
    openedAt: 0,
    openedPosition: 1,
    lastEventAt: 0,
    evidenceCount: 0,
    endedAt: null,
    endPosition: null,
    endReason: null,
  },
  evidence: [
    makeEvent('command.denied', 'e', 0, { command, asset: 'web01', account: 'root', address: '203.0.113.7' }),
  ],
  actions: ['lock: alice is locked; 1 sessions were cut'],
  waiting: [],
  cut: [
    {
      id: 's',
      asset: 'web01',
      account: 'root',
      address: '203.0.113.7',
      channels: ['shell', 'exec: dd if=/dev/zero'],
    },
  ],
  isLocked: true,
});

describe('the mail to the responders', () => {
  test('has what they need', () => {
    const mail = offenseMail(report('su -'), ['security@example.test'], 'en', 'id-1');
    expect(mail.subject).toBe(
      '[Portcullis] Offense 12: Rejected privileged command (gateway:alice, episode 2)',
    );
    for (const part of [
      'su -',
      'root@web01',
      '203.0.113.7',
      'alice is locked',
      'dd if=/dev/zero',
      'portcullis recover alice',
      'portcullis offense show 12',
    ])
      expect(mail.text).toContain(part);
  });

  test('lines up in both languages', () => {
    const text = (language: 'en' | 'zh'): string => offenseMail(report('su -'), [], language, 'i').text;
    expect(text('en')).toContain('Offense   12, episode 2\nAbout     gateway:alice\n');
    expect(text('zh')).toContain('安全事件  12，第 2 次\n对象      gateway:alice\n');
  });

  test('obeys nothing that somebody typed', () => {
    const hostile = 'su\r\nBcc: all@example.test\u001B]52;c;x\u0007 <script>alert(1)</script> \u202Etxt';
    const mail = offenseMail(report(hostile, 'gateway:al\r\nice'), ['security@example.test'], 'en', 'id-1');
    expect(mail.subject).not.toMatch(/[\r\n]/);
    expect(mail.text).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F\u202E]/);
    expect(mail.html).not.toContain('<script>');
    expect(mail.html).toContain('&lt;script&gt;');
  });

  test('does not offer a recovery for somebody who is not ours', () => {
    expect(offenseMail(report('su', 'jumpserver-1:alice'), [], 'en', 'i').text).not.toContain('recover');
  });
});

test('what waits for a person comes with the words that answer it, and in the subject', () => {
  const waiting = [{ id: 'a-1', text: 'block on @address:192.0.2.1', untilMs: Date.UTC(2026, 0, 1) }];
  const mail = offenseMail({ ...report('su'), waiting }, ['security@example.test'], 'en', 'i');
  expect(mail.subject).toContain('Offense 12 waits for you: ');
  for (const part of [
    'block on @address:192.0.2.1, until 2026-01-01T00:00:00.000Z',
    'portcullis action approve a-1',
    'portcullis action reject a-1',
  ])
    expect(mail.text).toContain(part);
});

describe('the mail to the person', () => {
  test('says what happened, in both languages, and gives nothing away', () => {
    for (const language of ['en', 'zh'] as const) {
      const mail = containedMail(report('su -'), 'alice@example.test', language, 'id-2');
      expect(mail.text).toContain('12');
      expect(mail.text).not.toMatch(/https?:|su -|203\.0\.113\.7/);
    }
  });

  test('does not claim a suspension that a guard had withheld', () => {
    expect(
      containedMail({ ...report('su'), isLocked: false }, 'a@example.test', 'en', 'i').text,
    ).not.toContain('suspended');
  });
});

test('printable keeps text and marks everything else', () => {
  expect(printable('a\tb\u0000c\u200Bd é 汉')).toBe('a·b·c·d é 汉');
});
