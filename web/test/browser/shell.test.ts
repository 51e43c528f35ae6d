/** Commands for the shell of the reader. */

import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { startBrowser, withPage } from '../support/browser.js';
import { startHost } from '../support/sites.js';

startBrowser();

describe('commands', () => {
  const origin = startHost('demo', 'files');

  /** The command for the first measure. */
  const example = async (page: Page) => {
    await page.getByRole('group', { name: 'Measures', exact: true }).getByRole('checkbox').first().check();
    return page.getByRole('region', { name: 'Command', exact: true }).textContent();
  };

  it('are for a POSIX shell, or for the one that is chosen, also on the next page', async () => {
    await withPage(origin(), async ({ open, page }) => {
      await open('c/warehouse/query.html');
      expect(await example(page)).toContain(' \\\n');
      await page.getByLabel('Commands for').selectOption('PowerShell');
      expect(await example(page)).toContain(' `\n');
      await open('index.html');
      await open('c/warehouse/query.html');
      expect(await example(page)).toContain(' `\n');
    });
  });

  it('are for PowerShell on Windows', async () => {
    const userAgent =
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0';
    await withPage(
      origin(),
      async ({ open, page }) => {
        await open('c/warehouse/query.html');
        expect(await example(page)).toContain(' `\n');
      },
      { userAgent },
    );
  });
});
