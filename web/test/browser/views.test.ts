/** Every view in light and dark, on narrow and wide windows, from each host. */

import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { startBrowser, withPage } from '../support/browser.js';
import { axeViolations, overflowingElements } from '../support/checks.js';
import { type Host, pathOfView, startHost, VIEWS } from '../support/sites.js';

const WIDTHS = [320, 1280, 3840];

const SITES: [project: string, host: Host][] = [
  ['demo', 'files'],
  ['demo', 'a static server'],
  ['demo', 'the live server'],
  ...(process.env.KTX_TEST_POSTGRES_URL === undefined ? [] : ([['warehouse', 'the live server']] as [string, Host][])),
];

startBrowser();

describe.each(SITES)('each view of the project %s from %s', (project, host) => {
  const origin = startHost(project, host);
  // The markup is that of the files; with 400 tables, more of it is of the same kind.
  const axeWidths = host === 'a static server' ? [] : project === 'warehouse' ? [1280] : [320, 1280];

  it.each(VIEWS)('%s', async (view) => {
    const path = await pathOfView(project, view);
    await withPage(origin(), async ({ open, page }) => {
      await open(path);
      expect(await page.locator('h1').count()).toBe(1);
      const found: Record<string, string[]> = {};
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 800 });
          found[`${colorScheme} ${width}`] = await problemsOf(
            page,
            axeWidths.includes(width) && (project !== 'warehouse' || colorScheme === 'light'),
          );
        }
      }
      expect(Object.entries(found).filter(([, problems]) => problems.length > 0)).toEqual([]);
    });
  });
});

async function problemsOf(page: Page, withAxe: boolean): Promise<string[]> {
  return [...(await overflowingElements(page)), ...(withAxe ? await axeViolations(page) : [])];
}
