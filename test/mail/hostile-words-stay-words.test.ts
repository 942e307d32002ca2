import PostalMime, { type Email } from 'postal-mime';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeEvent } from '#contract/event.ts';
import { containedMail, offenseMail, type OffenseReport } from '#responder/mail/offense-mail.ts';
import type { OutgoingMail } from '#responder/mail/outgoing-mail.ts';
import { recoveryMail } from '#responder/mail/recovery-mail.ts';
import { testMail } from '#responder/mail/test-mail.ts';
import { sampleReport } from '#responder/trial/sample-report.ts';
import { startLoop } from '../loop/loop-bed.ts';
import { type Box, mailerTo, startServer } from './mail-bed.ts';

let box: Box;
beforeAll(async () => {
  box = await startServer({ disabledCommands: ['STARTTLS', 'AUTH'] });
});
afterAll(() => box[Symbol.asyncDispose]());

const HOSTILE =
  'su\r\nBcc: all@evil.test\r\n\r\n<img src=https://evil.test/x><a href="https://evil.test">click</a> {time} www.evil.test javascript:x \u202Egnp\u001B]8;;https://evil.test\u0007 $& $1';

function hostileReport(): OffenseReport {
  const report = sampleReport('0193b3f2-0000-7000-8000-000000000000', `gateway:${HOSTILE}`, 0);
  return {
    ...report,
    offense: { ...report.offense, title: HOSTILE },
    evidence: [makeEvent('command.denied', 'e', 0, { command: HOSTILE, asset: HOSTILE, account: HOSTILE })],
    actions: [HOSTILE],
    cut: [{ id: 's', asset: HOSTILE, account: HOSTILE, address: HOSTILE, channels: [HOSTILE] }],
  };
}

/** Nothing that loads or runs anything. */
const OUR_TAG =
  /^<(!doctype html|html lang="[\w-]+"|meta charset="utf-8"|body style="font-family:sans-serif"|a href="https:\/\/gate\.test\/[^"]*"|\/?(html|head|body|p|b|br|ul|li|code|a))>$/;

interface Arrived {
  readonly mail: Email;
  readonly raw: string;
  readonly header: (name: string) => string | undefined;
}

async function arrive(mail: OutgoingMail): Promise<Arrived> {
  const before = box.received.length;
  await mailerTo(box.port).send(mail);
  const raw = box.received[before] ?? '';
  const parsed = await PostalMime.parse(raw);
  return { mail: parsed, raw, header: (name) => parsed.headers.find(({ key }) => key === name)?.value };
}

const KINDS = (['en', 'zh'] as const).flatMap(
  (language) =>
    [
      [
        'to responders',
        language,
        (id: string) => offenseMail(hostileReport(), ['sec@example.test'], language, id),
        [],
      ],
      [
        'to the person',
        language,
        (id: string) => containedMail(hostileReport(), 'sec@example.test', language, id),
        [],
      ],
      [
        'with the link',
        language,
        (id: string) =>
          recoveryMail({
            to: 'sec@example.test',
            name: HOSTILE,
            language,
            lifetimeMs: 3_600_000,
            url: 'https://gate.test/recover/abc',
            id,
          }),
        ['https://gate.test/recover/abc'],
      ],
    ] as const,
);

describe.each(KINDS)('a mail %s (%s) full of hostile words', (name, language, make, links) => {
  test('has the headers of a mail of ours and no others', async () => {
    const { mail, header } = await arrive(make(`id-${name.length}`));
    expect(mail.headers.map(({ key }) => key).toSorted()).toEqual([
      'auto-submitted',
      'content-language',
      'content-type',
      'date',
      'from',
      'message-id',
      'mime-version',
      'subject',
      'to',
    ]);
    expect(mail.to).toEqual([{ address: 'sec@example.test', name: '' }]);
    expect([mail.cc, mail.bcc].flat().filter(Boolean)).toEqual([]);
    expect(header('auto-submitted')).toBe('auto-generated');
    expect(header('content-language')).toBe(language === 'zh' ? 'zh-CN' : 'en');
    expect(header('message-id')).toBe(`<id-${name.length}@example.test>`);
    expect(Date.parse(header('date') ?? '')).not.toBeNaN();
  });

  test('has no link, no markup and no control but ours', async () => {
    const { mail } = await arrive(make('id'));
    const [text, html] = [mail.text ?? '', mail.html ?? ''];
    expect(html.match(/<a href="[^"]*"/g) ?? []).toEqual(links.map((url) => `<a href="${url}"`));
    expect((html.match(/<[^>]*>/g) ?? []).filter((tag) => !OUR_TAG.test(tag))).toEqual([]);
    expect(text).not.toMatch(/portcullis recover su/);
    for (const body of [text, html]) {
      const words = links.reduce((rest, url) => rest.replaceAll(url, ''), body);
      expect(words).not.toMatch(/:\/\/|www\.|javascript:/i);
      expect(words).not.toMatch(/[\u0000-\u0009\u000B\u000C\u000E-\u001F\u007F\u202A-\u202E]/);
    }
  });
});

test('what was typed is still there to read', async () => {
  const { mail } = await arrive(offenseMail(hostileReport(), ['sec@example.test'], 'en', 'id'));
  for (const part of ['<img src=https[:]//evil.test/x>', '{time}', '$& $1', 'Bcc: all@evil.test'])
    expect(mail.text).toContain(part);
  expect(mail.html).toContain('&lt;img src=https[:]//evil.test/x&gt;');
});

test('a name in the mail with the link looks like no address', async () => {
  const at = {
    to: 'a@example.test',
    language: 'en',
    url: 'https://gate.test/recover/abc',
    lifetimeMs: 3_600_000,
    id: 'id',
  } as const;
  const shown = (name: string): string => recoveryMail({ ...at, name }).text.split('\n', 1)[0] ?? '';
  expect(shown('Alice J. O’Li (李雷)')).toContain('Hello Alice J. O’Li (李雷). Your');
  expect(shown('see evil.test/x or mail me@evil.test')).not.toMatch(/evil\.|@|\//);
});

test('the test mail is in both languages', async () => {
  const { mail, header } = await arrive(testMail('a@example.test'));
  expect(header('content-language')).toBe('en, zh-CN');
  expect(mail.text).toMatch(/This is a test mail[^]*这是来自 Portcullis 的测试邮件/);
});

test('responders read the language of the configuration, the person their own', async () => {
  await using bed = await startLoop({ language: 'zh' });
  await bed.addUser('alice');
  await bed.addUser('bob');
  await bed.storage.state.transact((tx) =>
    tx.updateTable('users').set({ language: 'zh' }).where('username', '=', 'alice').execute(),
  );
  await bed.deny('alice', 3);
  await bed.deny('bob', 3);
  await bed.settled();
  const subjects = bed.mailbox.mails.map(({ to, subject }) => `${to.join()} ${subject}`).toSorted();
  expect(subjects).toEqual([
    'alice@example.test 您的特权会话已被结束',
    'bob@example.test Your privileged sessions were ended',
    expect.stringMatching(
      /^security@example\.test \[Portcullis\] 安全事件 1：.*（gateway:(alice|bob)，第 1 次）$/,
    ),
    expect.stringMatching(/^security@example\.test \[Portcullis\] 安全事件 2：/),
  ]);
});
