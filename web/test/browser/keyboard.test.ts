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
        const composite = '[role=group], [role=listbox], [role=tablist], [role=radiogroup], [role=menu], svg';
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

  it('moves between check boxes by arrow keys, which are one stop of the Tab key', async () => {
    await withPage(origin(), async ({ open, page }) => {
      await open('c/warehouse/query.html');
      const measures = page.getByRole('group', { name: 'Measures', exact: true });
      const boxes = measures.getByRole('checkbox');
      const last = (await boxes.count()) - 1;
      expect(last).toBeGreaterThan(2);
      const focused = () => boxes.evaluateAll((all) => all.indexOf(document.activeElement as HTMLElement));
      await page.getByRole('searchbox', { name: 'Find in measures' }).focus();
      await page.keyboard.press('Tab');
      // The list scrolls, so that browsers may stop at it first.
      if ((await focused()) === -1) await page.keyboard.press('Tab');
      const positions = [];
      for (const key of ['ArrowDown', 'ArrowDown', 'ArrowUp', 'End', 'ArrowDown', 'Home', 'ArrowUp', 'ArrowDown']) {
        await page.keyboard.press(key);
        positions.push(await focused());
      }
      expect(positions).toEqual([1, 2, 1, last, last, 0, 0, 1]);
      await page.keyboard.press('Space');
      expect(await boxes.nth(1).isChecked()).toBe(true);
      await page.keyboard.press('Tab');
      expect(await focused()).toBe(-1);
      await page.keyboard.press('Shift+Tab');
      expect(await focused()).toBe(1);
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
