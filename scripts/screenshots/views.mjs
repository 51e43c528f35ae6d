// What is shown: a page of a project, and what is done there first.

const DEMO = { project: 'demo' };
const WAREHOUSE = { project: 'warehouse' };

/** A query of the demo, as the builder reads it from the fragment of its page. */
const QUERY = { measures: ['orders.count'], dimensions: [{ field: 'orders.ordered_at', granularity: 'month' }] };
const FRAGMENT = `#${encodeURIComponent(JSON.stringify(QUERY))}`;

/** Each with the name of its file, the path of its page, and the steps before the image. */
export const SCREENSHOTS = [
  { name: 'overview', ...DEMO, path: 'index.html' },
  { name: 'map', ...WAREHOUSE, path: 'c/warehouse/map.html' },
  { name: 'map-focus', ...WAREHOUSE, path: 'c/warehouse/map.html#table=core.customers' },
  { name: 'map-demo', ...DEMO, path: 'c/warehouse/map.html' },
  { name: 'tables', ...DEMO, path: 'c/warehouse/tables.html' },
  { name: 'table', ...DEMO, path: 'c/warehouse/table/main.order_items.html' },
  { name: 'relationships', ...DEMO, path: 'c/warehouse/relationships.html' },
  { name: 'sources', ...DEMO, path: 'c/warehouse/sources.html', run: waitForCheck },
  { name: 'source', ...DEMO, path: 'c/warehouse/source/orders.html', run: waitForCheck },
  { name: 'metrics', ...DEMO, path: 'metrics.html' },
  { name: 'query', ...DEMO, path: `c/warehouse/query.html${FRAGMENT}` },
  { name: 'query-result', ...DEMO, path: `c/warehouse/query.html${FRAGMENT}`, run: runQuery },
  { name: 'history', ...WAREHOUSE, path: 'c/warehouse/history.html' },
  { name: 'changes', ...DEMO, path: 'changes.html' },
  { name: 'run', ...DEMO, path: 'changes.html', run: openFirstRun },
  { name: 'notes', ...DEMO, path: 'notes.html' },
  { name: 'note', ...DEMO, path: 'note/notes~2ffinance~2fchurn.md.html' },
  { name: 'status', ...DEMO, path: 'status.html', run: waitForCheck },
  { name: 'search', ...DEMO, path: 'index.html', run: search },
];

/** Waits for the validation of the sources. */
async function waitForCheck(page) {
  await page.getByText(/^Checked: no errors|measures: valid$/).waitFor();
}

async function runQuery(page) {
  await page.getByRole('button', { name: /^Run/ }).click();
  await page.locator('figure svg').first().waitFor();
  await page.getByRole('heading', { name: 'Answer' }).evaluate((heading) => heading.scrollIntoView());
}

async function openFirstRun(page) {
  await page.locator('main a[href*="run/"]').first().click();
  await page.waitForURL(/\/run\//);
}

async function search(page) {
  await page.getByRole('combobox', { name: 'Search the project' }).fill('returned orders');
  await page.getByRole('listbox').getByRole('option').first().waitFor();
}
