import type { KtxTableSummary } from '@kaelio/ktx';
import { describe, expect, it } from 'vitest';
import { CliError } from '../../../src/errors.js';
import { findUnknownTable, nearTables, suggestingTables } from '../../../src/sql/near-tables.js';

const tables = ['orders', 'order_lines', 'order_notes', 'customers', 'old_orders'].map(
  (name): KtxTableSummary => ({ schema: 'main', name, kind: 'table', columnCount: 1, comment: null }),
);

describe('nearTables', () => {
  it.each([
    ['ordres', ['main.orders']],
    ['Order', ['main.orders', 'main.order_lines', 'main.order_notes']],
    ['customer', ['main.customers']],
    ['invoices', []],
  ])('finds the names near %s', (name, names) => expect(nearTables(name, tables)).toEqual(names));
});

describe('findUnknownTable', () => {
  it.each([
    'no such table: main.ordrs',
    'Catalog Error: Table with name ordrs does not exist. Did you mean "orders"?',
    'relation "sales.ordrs" does not exist',
    "(1146, \"Table 'shop.ordrs' doesn't exist\")",
    "Unknown table expression identifier 'shop.ordrs' in scope SELECT * FROM ordrs",
  ])('reads the name in: %s', (message) => expect(findUnknownTable(message)).toBe('ordrs'));

  it('finds none in other errors', () => expect(findUnknownTable('no such column: total')).toBeUndefined());
});

describe('suggestingTables', () => {
  const failure = new CliError('KTX_QUERY_FAILED', 'no such table: ordrs');
  const failing = () => Promise.reject(failure);

  it('adds near names to the error', async () => {
    const next = 'Use a table of the newest scan, such as main.orders';
    await expect(suggestingTables(failing, async () => tables)).rejects.toMatchObject({
      message: failure.message,
      next,
    });
  });

  it('leaves the error unchanged without a scan', async () => {
    const missing = () => Promise.reject(new CliError('KTX_SCAN_MISSING', 'no scan'));
    await expect(suggestingTables(failing, missing)).rejects.toBe(failure);
  });
});
