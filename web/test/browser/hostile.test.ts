/** Names, comments and values of others are shown as they are, and are nothing else. */

import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { pathOf, type Route } from '../../src/site/route.js';
import { startBrowser, withPage } from '../support/browser.js';
import { foreignMarkup, overflowingElements } from '../support/checks.js';
import { pathsOf, siteOf, startHost } from '../support/sites.js';

const packageDir = path.resolve(import.meta.dirname, '..', '..', '..');
const ktx = createRequire(import.meta.url)(path.join(packageDir, 'index.js'));
const CONNECTIONS = ['names', 'postgres'];

startBrowser();

describe('a project with hostile names', () => {
  const files = startHost('hostile', 'files');
  const live = startHost('hostile', 'the live server');

  it.each([
    ['files', files],
    ['the live server', live],
  ])('has no markup from a name on any page of %s', async (_, origin) => {
    await withPage(origin(), async ({ open, page, problems }) => {
      const found: Record<string, string[]> = {};
      await page.setViewportSize({ width: 320, height: 800 });
      for (const each of await pathsOf('hostile')) {
        await open(each);
        found[each] = [...(await foreignMarkup(page)), ...(await overflowingElements(page)), ...problems.splice(0)];
      }
      expect(Object.entries(found).filter(([, each]) => each.length > 0)).toEqual([]);
    });
  });

  it('has a page for each table, with its whole name and those of its columns', async () => {
    const { projectDir } = siteOf('hostile');
    await withPage(files(), async ({ open, page }) => {
      for (const connectionId of CONNECTIONS) {
        for (const { schema, name } of await ktx.listKtxTables({ projectDir, connectionId })) {
          const full = schema === null ? name : `${schema}.${name}`;
          const table = await ktx.readKtxTable({ projectDir, connectionId, name: quoted(schema, name) });
          await open(pathOf({ page: 'table', connectionId, name: full } satisfies Route));
          const text = plain((await page.locator('main').textContent()) ?? '');
          const expected = [name, ...table.columns.map(({ name: column }: { name: string }) => column)].map(plain);
          expect(expected.filter((each) => !text.includes(each))).toEqual([]);
        }
      }
    });
  });

  it('isolates names whose direction is from right to left, or changes it', async () => {
    await withPage(files(), async ({ open, page }) => {
      const found: Record<string, string[]> = {};
      for (const each of await pathsOf('hostile')) {
        await open(each);
        found[each] = await page.evaluate(unisolatedTexts);
      }
      expect(Object.entries(found).filter(([, each]) => each.length > 0)).toEqual([]);
    });
  });
});

/** Texts with a direction that are not in an element that isolates them. */
function unisolatedTexts(): string[] {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found: string[] = [];
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (parent === null || parent.closest('script, title, option, textarea') !== null) continue;
    if (!/[\u202A-\u202E\u0590-\u06FF]/.test(node.nodeValue ?? '')) continue;
    let element: Element | null = parent;
    while (element !== null && !/isolate|plaintext/.test(getComputedStyle(element).unicodeBidi)) {
      // Blocks and SVG texts are isolated from what is around them; texts in them are not from each other.
      if (element.tagName === 'text' && element.childNodes.length === 1) break;
      element = element.parentElement?.closest('bdi, span, code, a, text, [dir]') ?? null;
    }
    if (element === null) found.push(parent.outerHTML.slice(0, 200));
  }
  return found.slice(0, 5);
}

/** A name for `readKtxTable`, in double quotes. */
function quoted(schema: string | null, name: string): string {
  const parts = schema === null ? [name] : [schema, name];
  return parts.map((part) => `"${part.replaceAll('"', '""')}"`).join('.');
}

/** Text as HTML holds it: a parser of HTML reads all ends of lines as a line feed. */
function plain(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n');
}
