// Times of pages in a browser.
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { serveProject } from '../../web/test/support/serve-project.mjs';

const EXECUTABLE = process.env.KTX_CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'];

/** Pages whose first paint is measured. */
const PAGES = {
  'the map of 400 tables': 'c/warehouse/map.html',
  'the table with 120 neighbours': 'c/warehouse/table/core.customers.html',
};

/** Words of searches, each of which finds something else. */
const QUERIES = [
  'customers',
  'invoice amount',
  'ship',
  'warranty status',
  'orders.count',
  'cancelled',
  'churn',
  'emploee',
];

const FIRST_PAINT_MS = 1000;
const SEARCH_MS = 100;

/** Measures the first paint of live pages, and the search there and in static files. */
export async function measurePages({ projectDir, site, runs, log }) {
  const server = await serveProject(projectDir);
  const browser = await chromium.launch({ executablePath: EXECUTABLE, args: FLAGS });
  try {
    const rows = [];
    for (const [name, page] of Object.entries(PAGES)) {
      log(`first paint of ${name}`);
      const values = await repeat(runs, () => firstPaint(browser, server, page));
      rows.push({ name: `first paint of ${name}`, unit: 'ms', values, limit: FIRST_PAINT_MS });
    }
    log('search');
    const live = await searchTimes(browser, await server.signInUrl(), server.url, runs);
    const files = `${pathToFileURL(site)}/`;
    const stored = await searchTimes(browser, `${files}index.html`, files, runs);
    rows.push({ name: 'answer of the search, live', unit: 'ms', values: live.times, limit: SEARCH_MS });
    rows.push({ name: 'answer of the search, static files', unit: 'ms', values: stored.times, limit: SEARCH_MS });
    rows.push({ name: 'first answer, static files, with the index', unit: 'ms', values: [stored.first] });
    return rows;
  } finally {
    await browser.close();
    await server.stop();
  }
}

async function repeat(count, measure) {
  const values = [];
  // The first one warms up the caches of the system.
  for (let run = 0; run <= count; run += 1) values.push(await measure());
  return values.slice(1);
}

/** Time from the navigation to the first content, in a browser that has loaded nothing yet. */
async function firstPaint(browser, server, page) {
  return withPage(browser, await server.signInUrl(), async (tab) => {
    await tab.goto(`${server.url}${page}`);
    return tab.evaluate(
      () =>
        new Promise((resolve) => {
          const observer = new PerformanceObserver((list) => {
            for (const { name, startTime } of list.getEntries()) {
              if (name === 'first-contentful-paint') resolve(startTime);
            }
          });
          observer.observe({ type: 'paint', buffered: true });
        }),
    );
  });
}

/** Times from an input to the list that is rendered. */
function searchTimes(browser, signInUrl, url, runs) {
  return withPage(browser, signInUrl, async (tab) => {
    await tab.goto(`${url}index.html`);
    await tab.getByRole('combobox', { name: 'Search the project' }).focus();
    const first = await tab.evaluate(timeSearch, 'product');
    const times = [];
    for (let run = 0; run < runs; run += 1) {
      for (const query of QUERIES) times.push(await tab.evaluate(timeSearch, query));
    }
    return { first, times };
  });
}

/** Types a query at once, and waits until the frame with its hits is drawn. Runs in the page. */
async function timeSearch(query) {
  const field = document.querySelector('[role=combobox][type=search]');
  const setValue = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
  const input = (text) => {
    setValue.call(field, text);
    field.dispatchEvent(new Event('input', { bubbles: true }));
  };
  const until = (condition) =>
    new Promise((resolve) => {
      const observer = new MutationObserver(check);
      function check() {
        if (!condition()) return;
        observer.disconnect();
        resolve();
      }
      observer.observe(document.body, { childList: true, subtree: true });
      check();
    });
  const hasHits = () => document.querySelector('[role=listbox] [role=option]') !== null;
  input('');
  await until(() => !hasHits());
  const start = performance.now();
  input(query);
  await until(hasHits);
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  return performance.now() - start;
}

/** Runs a function with a page of a new context, which is signed in. */
async function withPage(browser, signInUrl, use) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const tab = await context.newPage();
    await tab.goto(signInUrl);
    await tab.locator('#root').waitFor();
    return await use(tab);
  } finally {
    await context.close();
  }
}
