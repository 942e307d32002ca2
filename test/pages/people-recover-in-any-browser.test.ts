import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authenticatorCode } from '#main/demo/authenticator.ts';
import type { World } from '#main/demo/world.ts';
import { runSsh } from '../testbed/ssh.ts';
import { asAlice, startWorld } from '../testbed/world.ts';
import { expectGood, openBrowser, openPhone } from './browser.ts';

const PASSWORD = 'typed on a telephone somewhere';
let world: World;
let browser: Browser;
beforeAll(async () => {
  world = await startWorld();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  await world[Symbol.asyncDispose]();
});

async function recoveryLink(username: string, number: number): Promise<string> {
  const started = await world.server.api('POST', `/v1/users/${username}/recovery`, {});
  expect(started.status).toBe(201);
  const linkIn = (text: string): string => /http:\S+\/recover\/[\w-]+/.exec(text)?.[0] ?? '';
  const fits = (mail: { readonly to: readonly string[]; readonly text: string }): boolean =>
    mail.to.includes(`${username}@example.test`) && linkIn(mail.text) !== '';
  await world.mailbox.waitFor((mail) => fits(mail) && world.mailbox.mails.filter(fits).length >= number);
  return linkIn(world.mailbox.mails.filter(fits).at(number - 1)?.text ?? '');
}

describe.each([
  {
    locale: 'en-GB',
    lang: 'en',
    number: 1,
    title: 'Set a new password',
    button: 'Set the password',
    short: 'at least 12',
    wrong: 'not the code',
    done: 'You have access again',
    dead: 'This link does not work',
  },
  {
    locale: 'zh-CN',
    lang: 'zh-Hans',
    number: 2,
    title: '设置新密码',
    button: '设置密码',
    short: '至少需要 12',
    wrong: '验证码与验证器',
    done: '您已恢复访问',
    dead: '此链接无效',
  },
] as const)('in $locale, on a phone, without scripts', (words) => {
  test('the whole way back, and every page on it is accessible', { timeout: 120_000 }, async () => {
    const link = await recoveryLink('alice', words.number);
    const page = await openPhone(browser, words.locale);
    await page.goto(link);
    expect(await page.locator('html').getAttribute('lang')).toBe(words.lang);
    expect(await page.locator('h1').textContent()).toBe(words.title);
    await expectGood(browser, page);

    const fill = async (password: string, code: string): Promise<void> => {
      await page.locator('#password').fill(password);
      await page.locator('#repeat').fill(password);
      await page.locator('#code').fill(code);
      await page.getByRole('button', { name: words.button }).click();
    };
    const secret = (await page.locator('fieldset code').first().textContent()) ?? '';
    await fill('aaaaaaaaaaaaaaaa', '000000');
    await page.getByRole('alert').waitFor();
    await expectGood(browser, page);
    await fill(PASSWORD, '000000');
    await page.getByRole('alert').filter({ hasText: words.wrong }).waitFor();
    await fill(PASSWORD, authenticatorCode(secret, Date.now()));
    await page.getByRole('heading', { name: words.done }).waitFor();
    expect(await page.locator('.codes li').count()).toBe(10);
    await expectGood(browser, page);

    await page.goto(link);
    expect(await page.locator('h1').textContent()).toBe(words.dead);
    await expectGood(browser, page);
    const code = authenticatorCode(secret, Date.now() + 30_000);
    const back = await runSsh(asAlice(world, 'web01', { password: PASSWORD, code, command: ['true'] }));
    expect(back.code).toBe(0);
    await page.context().close();
  });
});
