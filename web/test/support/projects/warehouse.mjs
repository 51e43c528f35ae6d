// A project of a warehouse of 400 tables on PostgreSQL, with everything that a page can show.

import { CHANGE_WAREHOUSE, createWarehouse, START_HISTORY, WAREHOUSE_QUERIES } from './warehouse-sql.mjs';
import { createPostgres, ktx, projectFile, runSql, writeFiles } from './workspace.mjs';

export { HUB } from './warehouse-schema.mjs';

const SCHEMAS = ['core', 'sales', 'finance', 'logistics', 'marketing', 'support', 'hr', 'web'];

/** Creates the project in an empty folder: two scans with changes in between, answers, sources, a history and notes. */
export async function createWarehouseProject(folder) {
  const url = await createPostgres('warehouse');
  await runSql(url, createWarehouse());
  const connection = { driver: 'postgres', url, readonly: true, schemas: SCHEMAS };
  const historicSql = { enabled: true, minCalls: 1 };
  const files = { ...NOTES, 'ktx.yaml': projectFile('warehouse', { warehouse: { ...connection, historicSql } }) };
  await writeFiles(folder, files);
  await ktx(folder, 'scan', 'warehouse', '--no-input');
  await runSql(url, [CHANGE_WAREHOUSE.join(';\n')]);
  await ktx(folder, 'scan', 'warehouse', '--relationships', '--no-input');
  await ktx(folder, 'sl', 'generate', '--no-input');
  await writeFiles(folder, METRICS);
  await runSql(url, START_HISTORY);
  for (let call = 0; call < 3; call += 1) await runSql(url, WAREHOUSE_QUERIES);
  await ktx(folder, 'ingest', 'run', '--adapter', 'historic-sql', '--no-input');
}

const NOTES = {
  'notes/finance/churn.md':
    '# Churn\n\nA customer without an order for 90 days. See `core.customers`.\n\n## Exceptions\n\n| kind | days |\n| --- | --- |\n| business | 180 |\n',
  'notes/orders.md': '# Orders\n\nCancelled orders do not count as revenue.\n',
};

const METRICS = {
  'semantic-layer/metrics.yaml': `metrics:
  - name: refund_share
    expr: refunds.count / orders.count
    description: Refunds for each order
    owner: finance
    synonyms: [return rate]
  - name: tickets_per_customer
    expr: tickets.count / customers.count
    description: Tickets for each customer
`,
};
