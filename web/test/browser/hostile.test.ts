/** Names, comments and values of others are shown as they are, and are nothing else. */

import { createRequire } from 'node:module';
import path from 'node:path';
import type { KtxTable, KtxTableSummary } from '@kaelio/ktx';
import { describe, expect, it } from 'vitest';
import { pathOf } from '../../src/site/route.js';
import { startBrowser, withPage } from '../support/browser.js';
import { foreignMarkup, overflowingElements } from '../support/checks.js';
import { pathOfView, pathsOf, siteOf, startHost, VIEWS } from '../support/sites.js';

const ktx = createRequire(import.meta.url)(path.resolve(import.meta.dirname, '..', '..', '..', 'index.js'));
const CONNECTIONS = ['names', 'postgres'];

startBrowser();

describe('a project with hostile names', () => {
  const files = startHost('hostile', 'files');
  const live = startHost('hostile', 'the live server');

  it('has no markup from a name on any static page, isolates directions, and shows names of tables and columns', async () => {
    const names = await namesByPath();
    await withPage(files(), async ({ open, page, problems }) => {
      await page.setViewportSize({ width: 320, height: 800 });
      const found: Record<string, string[]> = {};
      for (const each of await pathsOf('hostile')) {
        await open(each);
        const text = plain((await page.locator('main').textContent()) ?? '');
        const missing = (names.get(each) ?? []).filter((name) => !text.includes(plain(name)));
        found[each] = [
          ...(await foreignMarkup(page)),
          ...(await overflowingElements(page)),
          ...(await page.evaluate(unisolatedTexts)),
          ...missing.map((name) => `without ${name}`),
          ...problems.splice(0),
        ];
      }
      expect(Object.entries(found).filter(([, each]) => each.length > 0)).toEqual([]);
      expect([...names.keys()].filter((each) => !(each in found))).toEqual([]);
    });
  });

  it.each(VIEWS)('has no markup from a name on the live page %s', async (view) => {
    const each = await pathOfView('hostile', view);
    await withPage(live(), async ({ open, page }) => {
      await open(each);
      expect([...(await foreignMarkup(page)), ...(await page.evaluate(unisolatedTexts))]).toEqual([]);
    });
  });
});

/** Names that the page of each table has to show, by its path. */
async function namesByPath(): Promise<Map<string, string[]>> {
  const { projectDir } = siteOf('hostile');
  const names = new Map<string, string[]>();
  for (const connectionId of CONNECTIONS) {
    const tables: KtxTableSummary[] = await ktx.listKtxTables({ projectDir, connectionId });
    for (const { schema, name } of tables) {
      const full = schema === null ? name : `${schema}.${name}`;
      const table: KtxTable = await ktx.readKtxTable({ projectDir, connectionId, name: quoted(schema, name) });
      names.set(pathOf({ page: 'table', connectionId, name: full }), [name, ...table.columns.map((each) => each.name)]);
    }
  }
  return names;
}

/** Texts with a direction that are not in an element that isolates them. */
function unisolatedTexts(): string[] {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found: string[] = [];
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!/[\u202A-\u202E\u0590-\u06FF]/.test(node.nodeValue ?? '')) continue;
    if (parent === null || parent.closest('script, title, option, textarea') !== null) continue;
    // Each text of a drawing is laid out on its own.
    if (parent.closest('text') !== null) continue;
    let element: Element | null = parent;
    while (element !== null && !/isolate|plaintext/.test(getComputedStyle(element).unicodeBidi)) {
      element = /^(inline|contents)/.test(getComputedStyle(element).display) ? element.parentElement : null;
    }
    const isAlone = parent.childNodes.length === 1 && !/^inline/.test(getComputedStyle(parent).display);
    if (element === null && !isAlone) found.push(`not isolated: ${parent.outerHTML.slice(0, 200)}`);
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
