/** The search, by the keyboard, in static files and on the server. */

import { describe, expect, it } from 'vitest';
import { startBrowser, withPage } from '../support/browser.js';
import { foreignMarkup } from '../support/checks.js';
import { type Host, startHost } from '../support/sites.js';

const HOSTS: Host[] = ['files', 'a static server', 'the live server'];
const PAGES = ['index.html', 'c/warehouse/tables.html', 'c/warehouse/table/main.orders.html'];

startBrowser();

describe.each(HOSTS)('the search on %s', (host) => {
  const origin = startHost('demo', host);

  it.each(PAGES)('leads from %s to what is found', async (path) => {
    await withPage(origin(), async ({ open, page }) => {
      await open(path);
      await page.keyboard.press('/');
      const field = page.getByRole('combobox', { name: 'Search the project' });
      expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
      await page.keyboard.type('customers');
      const options = page.getByRole('listbox').getByRole('option');
      await options.filter({ hasText: 'customers' }).first().waitFor();
      expect(await field.getAttribute('aria-expanded')).toBe('true');
      await page.keyboard.press('ArrowDown');
      const selected = page.locator('[role=option][aria-selected=true]');
      expect(await selected.count()).toBe(1);
      expect(await field.getAttribute('aria-activedescendant')).toBe(await selected.getAttribute('id'));
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/(table|source)\/.*customers.*\.html/);
      expect(await page.locator('h1').textContent()).toContain('customers');
    });
  });

  it('finds columns, measures, metrics and notes, and says when it finds nothing', async () => {
    await withPage(origin(), async ({ open, page }) => {
      await open('index.html');
      const field = page.getByRole('combobox', { name: 'Search the project' });
      const found = async (query: string) => {
        await field.fill(query);
        const status = page.getByRole('status').filter({ hasText: /result|found/i });
        await status.first().waitFor();
        return page.getByRole('listbox').getByRole('option').allTextContents();
      };
      expect((await found('unit_price')).join()).toContain('unit_price');
      await field.fill('');
      expect((await found('return_rate')).join()).toContain('return_rate');
      await field.fill('');
      expect((await found('churn')).join()).toMatch(/churn/i);
      await field.fill('');
      expect(await found('xyzzyqwv')).toEqual([]);
      await page.keyboard.press('Escape');
      expect(await page.getByRole('listbox').count()).toBe(0);
    });
  });
});

describe.each(['files', 'the live server'] as Host[])('the search in hostile names on %s', (host) => {
  const origin = startHost('hostile', host);

  it.each([
    'script',
    'img',
    'orders',
    'café',
    'طلبات',
    '../../index.html',
    '__proto__',
    '👩‍👩‍👧‍👦',
    '"',
    '*',
    '\u202E',
  ])('for %j shows names as texts', async (query) => {
    await withPage(origin(), async ({ open, page }) => {
      await open('index.html');
      await page.getByRole('combobox', { name: 'Search the project' }).fill(query);
      await page.locator('.search-popup').waitFor();
      expect(await foreignMarkup(page)).toEqual([]);
    });
  });
});
