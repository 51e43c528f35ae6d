/** Checks that hold for every page. */

import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

/** Rules of WCAG 2.2 AA, and practices beside them, such as one main heading and headings in order. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Violations that axe finds: the rule, and the first elements. */
export async function axeViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate(
    (tags) =>
      (window as unknown as { axe: typeof axe }).axe.run(document, {
        runOnly: { type: 'tag', values: tags },
        resultTypes: ['violations'],
        // It would read the styles by a request, which files do not allow.
        preload: false,
      }),
    TAGS,
  )) as AxeResults;
  return violations.map(({ id, help, nodes }) => {
    const elements = nodes.slice(0, 3).map(({ html }) => html.slice(0, 200));
    return `${id}: ${help}: ${nodes.length} times: ${elements.join(' ; ')}`;
  });
}

/** Elements that make the page scroll sideways; empty for a page that fits its window. */
export function overflowingElements(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width && document.body.scrollWidth <= width) return [];
    const wide = [...document.body.querySelectorAll('*')].filter(
      (element) => element.getBoundingClientRect().right > width + 1 && element.closest('.scroll, pre, svg') === null,
    );
    const described = wide.slice(0, 5).map((element) => element.outerHTML.slice(0, 160));
    return [`${document.documentElement.scrollWidth} px in ${width} px`, ...described];
  });
}

/** Elements and attributes that no page of ours has, so that they come from a name or a value. */
export function foreignMarkup(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const elements = [...document.querySelectorAll('*')];
    const scripts = [...document.scripts]
      .filter(
        ({ src, type, id }) =>
          !(/\/assets\/[a-z-]+\.js$/.test(src) || (type === 'application/json' && id === 'page-data')),
      )
      .map((element) => element.outerHTML.slice(0, 200));
    const tags = elements
      .filter((element) => element.matches('img, iframe, object, embed, style, base, form[action], font, marquee'))
      .map((element) => element.outerHTML.slice(0, 200));
    const attributes = elements.flatMap((element) =>
      [...element.attributes]
        .filter(({ name, value }) => {
          if (['href', 'src', 'action', 'xlink:href'].includes(name)) return /^\s*([a-z][a-z0-9+.-]*:|\/)/i.test(value);
          return name.startsWith('on') || name === 'style' || name === 'srcdoc';
        })
        .map(({ name, value }) => `${element.tagName} ${name}=${value.slice(0, 100)}`),
    );
    const pwned = '__pwned' in window ? ['a script was run'] : [];
    return [...scripts, ...tags, ...attributes, ...pwned];
  });
}
