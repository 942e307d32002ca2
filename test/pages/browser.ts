import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { findProgram } from '#main/demo/programs.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Success criteria of WCAG 2.2 up to AA, and what axe counts as best practice. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export async function openBrowser(): Promise<Browser> {
  const executablePath = findProgram('chromium');
  if (executablePath === undefined) throw new Error('chromium is missing');
  return chromium.launch({
    executablePath,
    // Root has no user namespaces to sandbox in; what is shown is our own.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
}

/** A phone, in a language; without scripts unless said. */
export async function openPhone(
  browser: Browser,
  locale: 'en-GB' | 'zh-CN',
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({
    locale,
    viewport: { width: 360, height: 740 },
    javaScriptEnabled: false,
    ...options,
  });
  return context.newPage();
}

/** What axe finds wrong, in words. Looks at a page of its own, since the policy of ours forbids every script. */
async function findFaults(
  browser: Browser,
  page: Page,
  colorScheme: 'light' | 'dark',
): Promise<readonly string[]> {
  const context = await browser.newContext({
    viewport: { width: 360, height: 740 },
    bypassCSP: true,
    colorScheme,
  });
  try {
    const copy = await context.newPage();
    await copy.setContent(await page.content());
    await copy.evaluate(AXE);
    return await copy.evaluate(async (tags) => {
      const { axe } = globalThis as unknown as {
        axe: {
          run(
            options: object,
          ): Promise<{ violations: { id: string; help: string; nodes: { html: string }[] }[] }>;
        };
      };
      const { violations } = await axe.run({ runOnly: tags });
      return violations.map(
        ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(' ')}`,
      );
    }, TAGS);
  } finally {
    await context.close();
  }
}

/** How much wider than the screen the page is. */
async function overhang(page: Page): Promise<number> {
  const box = await page.locator('html').evaluate((element) => element.scrollWidth - element.clientWidth);
  return box;
}

/** Accessible in light and dark, and no wider than the screen. */
export async function expectGood(browser: Browser, page: Page): Promise<void> {
  expect(await overhang(page)).toBeLessThanOrEqual(0);
  for (const scheme of ['light', 'dark'] as const)
    expect(await findFaults(browser, page, scheme)).toEqual([]);
}
