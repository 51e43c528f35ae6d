import { expect, it } from 'vitest';
import { candidatesIn } from '../../src/node/noted-tables.js';

it('takes names with a schema, and names in code, for tables', () => {
  const text = 'Customers place orders. See sales.orders.total, `refunds.amount` and ``x``.\n\n`select 1\nfrom hidden`';
  expect([...candidatesIn(text)].sort()).toEqual(
    ['refunds', 'refunds.amount', 'sales.orders', 'sales.orders.total', 'x'].sort(),
  );
});
