import { expect, test } from 'vitest';
import { createApiBed } from '../api/api-bed.ts';
import { startListening } from '../api/listening.ts';
import { openBrowser } from '../pages/browser.ts';

test('the page reads the document, sends a call with a token, and breaks no policy', async () => {
  await using bed = await createApiBed();
  const token = await bed.person('root', ['admin']);
  await using api = await startListening(bed);
  const base = `http://${api.addresses[0]}`;
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    const strange: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') strange.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(base) && !request.url().startsWith('data:')) strange.push(request.url());
    });
    await page.goto(`${base}/api/docs/`);
    const call = page.locator('#operations-users-getProfile');
    await call.waitFor();

    await page.locator('button.authorize').click();
    const scheme = page.locator('.auth-container', { hasText: 'token (apiKey)' });
    await scheme.locator('input').fill(`Token ${token}`);
    await scheme.locator('button[type=submit]').click();
    await scheme.locator('.btn-done').click();

    await call.locator('.opblock-summary').click();
    await call.locator('.try-out__btn').click();
    const answered = page.waitForResponse((response) => response.url().endsWith('/api/v1/users/profile/'));
    await call.locator('.execute').click();
    const answer = await answered;
    expect([answer.status(), await answer.json()]).toEqual([
      200,
      expect.objectContaining({ username: 'root' }),
    ]);
    expect(strange).toEqual([]);
  } finally {
    await browser.close();
  }
});
