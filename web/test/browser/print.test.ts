/** Printing hides no content and cuts none off. */

import { describe, expect, it } from 'vitest';
import { startBrowser, withPage } from '../support/browser.js';
import { pathOfView, startHost, VIEWS } from '../support/sites.js';

/** Width of A4 in pixels, without margins. */
const A4 = 718;

startBrowser();

describe('printed', () => {
  const origin = startHost('demo', 'files');

  it.each(VIEWS)('the page %s has the content of the screen', async (view) => {
    const path = await pathOfView('demo', view);
    await withPage(origin(), async ({ open, page }) => {
      await open(path);
      await page.setViewportSize({ width: A4, height: 1000 });
      await page.evaluate(() => {
        const contents = 'h1, h2, h3, h4, p, li, th, td, dt, dd, pre, figure, svg';
        // Controls do nothing on paper.
        const controls =
          'button, form, label, nav, header, summary, [role=status], .skip-link, .script-only, .visually-hidden';
        for (const element of document.querySelectorAll(`main :is(${contents})`)) {
          const content = element.cloneNode(true) as Element;
          for (const control of content.querySelectorAll(controls)) control.remove();
          const isOfControls =
            /^H\d$/.test(element.tagName) && element.parentElement?.querySelector('input, select') !== null;
          const isContent = (content.textContent?.trim() !== '' && !isOfControls) || element.matches('svg');
          if (isContent && element.checkVisibility() && element.closest(controls) === null)
            element.setAttribute('data-on-screen', '');
        }
      });
      await page.emulateMedia({ media: 'print' });
      const { hidden, cut } = await page.evaluate(() => {
        const seen = [...document.querySelectorAll('[data-on-screen]')];
        const shown = (element: Element) => element.outerHTML.slice(0, 160);
        const scrolling = [...document.querySelectorAll<HTMLElement>('main, main *')].filter((element) => {
          const { overflowX, overflowY } = getComputedStyle(element);
          const clips = (overflow: string) => ['auto', 'scroll'].includes(overflow);
          return (
            element.checkVisibility() &&
            element.querySelector('input, select, button') === null &&
            ((clips(overflowX) && element.scrollWidth > element.clientWidth + 1) ||
              (clips(overflowY) && element.scrollHeight > element.clientHeight + 1))
          );
        });
        return {
          hidden: seen.filter((element) => !element.checkVisibility()).map(shown),
          cut: scrolling.map(shown),
        };
      });
      expect({ hidden, cut }).toEqual({ hidden: [], cut: [] });
      expect(await page.locator('[data-on-screen]').count()).toBeGreaterThan(1);
    });
  });
});
