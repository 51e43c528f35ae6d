/** The sites of the tests, each on the hosts that pages are read from. */

import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, inject } from 'vitest';
import { CONNECTION_PAGES, OBJECT_PAGES, type PageName, parsePath, pathOf, type Route } from '../../src/site/route.js';
import type { Origin } from './browser.js';
import type { TestSite } from './global-setup.js';
import { HUB } from './projects/warehouse.mjs';
import { serveProject } from './serve-project.mjs';
import { type PageServer, serveFolder } from './servers.js';

const ktx = createRequire(import.meta.url)(path.resolve(import.meta.dirname, '..', '..', '..', 'index.js'));

/** Where pages are read from. */
export type Host = 'files' | 'a static server' | 'the live server';

/** Returns a site of the global setup. */
export function siteOf(project: string): TestSite {
  const site = inject('sites')[project];
  if (site === undefined) throw new Error(`The project ${project} needs scripts/with-databases.mjs`);
  return site;
}

/** Runs the host of a site for the tests of a block; the returned function gives its origin. */
export function startHost(project: string, host: Host): () => Origin {
  let server: PageServer | undefined;
  beforeAll(async () => {
    const { folder, projectDir } = siteOf(project);
    if (host !== 'files') server = await (host === 'the live server' ? serveProject(projectDir) : serveFolder(folder));
  });
  afterAll(() => server?.stop());
  return () => {
    if (server === undefined) return { url: `${pathToFileURL(siteOf(project).folder)}/` };
    return host === 'the live server' ? server : { url: server.url };
  };
}

/** Paths of all pages of a site below its root, sorted. */
export async function pathsOf(project: string): Promise<string[]> {
  const names = await readdir(siteOf(project).folder, { recursive: true });
  return names
    .filter((name) => name.endsWith('.html'))
    .map((name) => name.split(path.sep).join('/'))
    .sort();
}

const contents = new Map<string, string>();

/** The HTML of a page, which is read once. */
export function htmlOf(project: string, page: string): string {
  const file = path.join(siteOf(project).folder, ...page.split('/'));
  const html = contents.get(file) ?? readFileSync(file, 'utf8');
  contents.set(file, html);
  return html;
}

/** All kinds of pages that every project has. */
export const VIEWS = [
  ...(['overview', 'metrics', 'changes', 'notes', 'status'] as const),
  ...(['map', 'tables', 'relationships', 'sources', 'query', 'history'] as const),
  ...(['table', 'source', 'run', 'note'] as const),
] satisfies PageName[];

/** Objects with a page in the warehouse. */
const WAREHOUSE = { table: HUB, source: 'customers', note: 'notes/orders.md' };

/** The path of the page of a kind with the most content; in the warehouse, of what is named above. */
export async function pathOfView(project: string, view: PageName): Promise<string> {
  if (project === 'warehouse') return pathInWarehouse(view);
  const paths = (await pathsOf(project)).filter((each) => parsePath(each)?.page === view);
  const sizes = new Map(paths.map((each) => [each, htmlOf(project, each).length]));
  const [largest] = paths.sort((left, right) => (sizes.get(right) ?? 0) - (sizes.get(left) ?? 0));
  if (largest === undefined) throw new Error(`${project} has no page ${view}`);
  return largest;
}

async function pathInWarehouse(page: PageName): Promise<string> {
  const { projectDir } = siteOf('warehouse');
  const [, scan] = await ktx.listKtxRuns({ projectDir });
  const names: Partial<Record<PageName, string>> = { ...WAREHOUSE, run: scan.runId };
  const ofConnection = [...CONNECTION_PAGES, ...OBJECT_PAGES].includes(page as 'map');
  return pathOf({
    page,
    ...(ofConnection ? { connectionId: 'warehouse' } : {}),
    ...(names[page] === undefined ? {} : { name: names[page] }),
  } as Route);
}
