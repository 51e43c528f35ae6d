/** The folder of static files, read without a script. */

import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { startBrowser, withPage } from '../support/browser.js';
import { htmlOf, pathOfView, pathsOf, siteOf, startHost, VIEWS } from '../support/sites.js';

const PROJECTS = process.env.KTX_TEST_POSTGRES_URL === undefined ? ['demo'] : ['demo', 'hostile', 'policy'];

startBrowser();

describe.each(PROJECTS)('the static files of the project %s', (project) => {
  it('link to files and places of theirs only', async () => {
    const broken: string[] = [];
    for (const page of await pathsOf(project)) {
      for (const link of linksOf(htmlOf(project, page))) {
        if (!leadsSomewhere(project, page, link)) broken.push(`${page}: ${link}`);
      }
    }
    expect(broken.slice(0, 20)).toEqual([]);
  });

  it('are all reached by links from the first page', async () => {
    const reached = new Set(['index.html']);
    for (const page of reached) {
      for (const link of linksOf(htmlOf(project, page))) {
        const target = resolve(page, link).file;
        if (target.endsWith('.html') && existsSync(fileOf(project, target))) reached.add(target);
      }
    }
    expect([...reached].sort()).toEqual(await pathsOf(project));
  });

  it('have names that every file system can hold', async () => {
    const names = (await pathsOf(project)).flatMap((page) => page.split('/'));
    for (const name of names) expect(name).toMatch(/^[a-z0-9_~-][a-z0-9_.~-]{0,219}$/);
    expect(Object.keys(inject('sites'))).toContain(project);
  });
});

describe('without a script', () => {
  const origin = startHost('demo', 'files');

  it.each(VIEWS)('the page %s has its content, and no control that does nothing', async (view) => {
    const path = await pathOfView('demo', view);
    const options = { javaScriptEnabled: false };
    await withPage(
      origin(),
      async ({ open, page }) => {
        await open(path);
        expect(await page.locator('h1').textContent()).not.toBe('');
        // biome-ignore lint/performance/useDomNodeTextContent: what is shown only
        expect(await page.locator('main').innerText()).toMatch(/\S+\s+\S+\s+\S+/);
        const controls = page.locator(
          'button:visible, input:visible, select:visible, textarea:visible, [role=button]:visible',
        );
        expect(await controls.evaluateAll((elements) => elements.map(({ outerHTML }) => outerHTML))).toEqual([]);
      },
      options,
    );
  });

  it('a link of the navigation leads to its page', async () => {
    await withPage(
      origin(),
      async ({ open, page }) => {
        await open('index.html');
        await page.getByRole('link', { name: 'Tables', exact: true }).first().click();
        await page.waitForURL(/\/tables\.html$/);
        await page
          .getByRole('link', { name: /orders$/ })
          .first()
          .click();
        await page.waitForURL(/\/table\//);
        expect(await page.locator('h1').textContent()).toContain('orders');
        await page.getByRole('link', { name: 'Map', exact: true }).first().click();
        await page.waitForURL(/\/map\.html$/);
        const box = page.locator('svg [data-table="main.orders"] a').first();
        expect(await box.getAttribute('href')).toMatch(/\/table\/main\.orders\.html$/);
      },
      { javaScriptEnabled: false },
    );
  });
});

const ENTITIES: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#x27;': "'" };

/** Links and resources of a page; the pages have no double quotes in attributes other than around them. */
function linksOf(html: string): string[] {
  const links = [...html.matchAll(/<[^>]*? (?:href|src)="([^"]*)"/g)].map(([, link = '']) => link);
  return links.map((link) => link.replaceAll(/&[#\w]+;/g, (entity) => ENTITIES[entity] ?? entity));
}

function resolve(page: string, link: string): { file: string; fragment: string } {
  const { pathname, hash, origin } = new URL(link, `http://site/root/${page}`);
  const inside = origin === 'http://site' && pathname.startsWith('/root/');
  return {
    file: inside ? decodeURIComponent(pathname.slice('/root/'.length)) : `outside: ${link}`,
    fragment: decodeURIComponent(hash.slice(1)),
  };
}

function fileOf(project: string, file: string): string {
  return path.join(siteOf(project).folder, ...file.split('/'));
}

function leadsSomewhere(project: string, page: string, link: string): boolean {
  const { file, fragment } = resolve(page, link);
  if (!existsSync(fileOf(project, file)) || file === '') return false;
  if (fragment === '') return true;
  if (/\/query\.html$/.test(file) && fragment.startsWith('{')) return isObject(fragment);
  // The map shows the table in its fragment.
  const table = /^table=(.*)$/s.exec(fragment)?.[1];
  const attribute = table === undefined ? `id="${escapeHtml(fragment)}"` : `data-table="${escapeHtml(table)}"`;
  return htmlOf(project, file).includes(attribute);
}

/** Whether a text is a JSON object: the query builder reads its query from the fragment. */
function isObject(text: string): boolean {
  return typeof JSON.parse(text) === 'object';
}

function escapeHtml(text: string): string {
  return Object.entries(ENTITIES).reduce((escaped, [entity, each]) => escaped.replaceAll(each, entity), text);
}
