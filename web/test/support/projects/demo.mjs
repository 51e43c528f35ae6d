// The project of `ktx setup demo`, with profiles, relationships and an answer.
import path from 'node:path';
import { ktx, runSql, writeFiles } from './workspace.mjs';

/** Creates the project in an empty folder: two scans with a change in between, and notes. */
export async function createDemoProject(folder) {
  await ktx(folder, 'setup', 'demo', '--no-input');
  await runSql(path.join(folder, 'demo-warehouse.sqlite'), [
    'ALTER TABLE customers ADD COLUMN loyalty_points INTEGER',
    'CREATE TABLE returns (return_id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders (order_id), reason TEXT)',
    "INSERT INTO returns VALUES (1, 1, 'damaged'), (2, 5, 'too late'), (3, 9, 'damaged')",
  ]);
  await ktx(folder, 'scan', 'warehouse', '--relationships', '--no-input');
  await ktx(folder, 'sl', 'generate', '--no-input');
  await writeFiles(folder, FILES);
}

const FILES = {
  'notes/finance/churn.md': `# Churn

A customer without an order for **90 days** has left. Returned orders count as orders; see [returns](../returns.md).

## Exceptions

| segment | days |
| --- | --- |
| consumer | 90 |
| business | 180 |
`,
  'notes/returns.md':
    '# Returns\n\nAn order is returned if `orders.status` is `returned`.\n\n- Reasons are free texts.\n- A return has one order.\n',
  'semantic-layer/metrics.yaml': `metrics:
  - name: return_rate
    expr: returns.count / orders.count
    description: Share of the orders that come back
    owner: finance
    synonyms: [refund rate]
  - name: items_per_order
    expr: order_items.count / orders.count
    description: Lines of an order
`,
};
