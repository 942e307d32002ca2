import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authenticatorCode } from '#main/demo/authenticator.ts';
import type { World } from '#main/demo/world.ts';
import { startWorld } from '../testbed/world.ts';
import { expectGood, openBrowser, openPhone } from './browser.ts';

const NEW_PASSWORD = 'typed on a telephone somewhere';
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

async function signIn(page: Page, username: string, password: string): Promise<void> {
  await page.goto(`${world.server.httpUrl}/sign-in`);
  await page.locator('#username').fill(username);
  await page.locator('#password').fill(password);
  await page.locator('button').click();
}

describe.each([
  {
    locale: 'en-GB',
    lang: 'en',
    who: 'alice',
    signIn: 'Sign in',
    account: 'Your account',
    setUp: 'Set up an authenticator',
    finish: 'Finish',
    codes: 'Your recovery codes',
    change: 'Change the password',
    signOut: 'Sign out',
    code: 'Verification code',
  },
  {
    locale: 'zh-CN',
    lang: 'zh-Hans',
    who: 'bob',
    signIn: '登录',
    account: '您的账户',
    setUp: '设置验证器',
    finish: '完成',
    codes: '您的恢复码',
    change: '修改密码',
    signOut: '退出登录',
    code: '验证码',
  },
] as const)('in $locale, on a phone, without scripts', (words) => {
  test('sign in, set up an authenticator, change the password', { timeout: 120_000 }, async () => {
    const { password } = world.people[words.who];
    const page = await openPhone(browser, words.locale);
    const shows = (title: string): Promise<void> =>
      page.getByRole('heading', { name: title, level: 1, exact: true }).waitFor();
    await signIn(page, words.who, 'not the password');
    await page.getByRole('alert').waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe(words.lang);
    await shows(words.signIn);
    await expectGood(browser, page);

    await signIn(page, words.who, password);
    await shows(words.account);
    await expectGood(browser, page);
    await page.locator('#enrol-present').fill(password);
    await page.getByRole('button', { name: words.setUp }).click();
    await shows(words.setUp);
    await expectGood(browser, page);
    const secret = (await page.locator('fieldset code').first().textContent()) ?? '';
    await page.locator('#code').fill(authenticatorCode(secret, Date.now()));
    await page.getByRole('button', { name: words.finish }).click();
    await shows(words.codes);
    const codes = await page.locator('.codes li').allTextContents();
    expect(codes).toHaveLength(10);
    await expectGood(browser, page);

    await page.locator('a').click();
    await shows(words.account);
    await page.locator('#change-present').fill(password);
    await page.locator('#change-code').fill(codes[0] ?? '');
    await page.locator('#password').fill(NEW_PASSWORD);
    await page.locator('#repeat').fill(NEW_PASSWORD);
    await page.getByRole('button', { name: words.change }).click();
    await shows(words.account);
    expect(await page.getByRole('alert').count()).toBe(0);
    await expectGood(browser, page);
    await page.getByRole('button', { name: words.signOut, exact: true }).click();
    await shows(words.signIn);

    await signIn(page, words.who, NEW_PASSWORD);
    await shows(words.code);
    await expectGood(browser, page);
    await page.locator('#code').fill(codes[1] ?? '');
    await page.locator('button').click();
    await shows(words.account);
    await page.context().close();
  });

  test('the page that creates the administrator is accessible', async () => {
    const page = await openPhone(browser, words.locale);
    await page.goto(world.server.setupUrl ?? '');
    await page.locator('#username').waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe(words.lang);
    await expectGood(browser, page);
    await page.context().close();
  });
});
