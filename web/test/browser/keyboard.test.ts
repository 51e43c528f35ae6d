/** The page by the keyboard alone. */

import { describe, expect, it } from 'vitest';
import { startBrowser, withPage } from '../support/browser.js';
import { pathOfView, startHost, VIEWS } from '../support/sites.js';

startBrowser();

describe('the keyboard', () => {
  const origin = startHost('demo', 'files');

  it('skips the navigation by the first stop of the Tab key', async () => {
    await withPage(origin(), async ({ open, page }) => {
      await open('c/warehouse/tables.html');
      await page.keyboard.press('Tab');
      const link = page.getByRole('link', { name: 'Skip to content' });
      expect(await link.evaluate((element) => element === document.activeElement)).toBe(true);
      const box = await link.boundingBox();
      expect(box !== null && box.x >= 0 && box.y >= 0).toBe(true);
      await page.keyboard.press('Enter');
      await page.keyboard.press('Tab');
      expect(await page.evaluate(() => document.activeElement?.closest('main')?.id)).toBe('content');
    });
  });

  it.each(VIEWS)('reaches everything on the page %s that can be clicked, and shows where it is', async (view) => {
    const path = await pathOfView('demo', view);
    await withPage(origin(), async ({ open, page }) => {
      await open(path);
      const unreachable = await page.evaluate(() => {
        const isControl = 'a[href], button, input, select, textarea, summary, [role=button], [onclick]';
        const controls = [...document.querySelectorAll<HTMLElement>(isControl)].filter((each) =>
          each.checkVisibility(),
        );
        // A widget with arrow keys has one stop of its own.
        const composite = '[role=listbox], [role=tablist], [role=radiogroup], [role=menu], svg';
        return controls
          .filter((each) => each.tabIndex < 0 && each.closest(composite) === null)
          .map((each) => each.outerHTML);
      });
      expect(unreachable).toEqual([]);
      const stops = new Set<string>();
      for (let press = 0; press < 40; press += 1) {
        await page.keyboard.press('Tab');
        const stop = await page.evaluate(() => {
          const element = document.activeElement as HTMLElement;
          const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
          const hasOutline = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0;
          return {
            html: element.outerHTML.slice(0, 120),
            isShown: hasOutline || boxShadow !== 'none',
            tag: element.tagName,
          };
        });
        if (stop.tag === 'BODY') break;
        stops.add(stop.html);
        // Text fields and boxes of drawings may show it in another way.
        if (!['INPUT', 'SELECT', 'TEXTAREA', 'a'].includes(stop.tag)) expect(stop).toMatchObject({ isShown: true });
      }
      expect(stops.size).toBeGreaterThan(10);
    });
  });

  it('switches the theme, which the next page keeps', async () => {
    await withPage(origin(), async ({ open, page }) => {
      await open('index.html');
      const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const light = await background();
      await page.locator('.theme-switch select').selectOption('dark');
      expect(await background()).not.toBe(light);
      const dark = await background();
      await open('status.html');
      expect(await background()).toBe(dark);
    });
  });
});
