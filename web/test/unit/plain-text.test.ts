import { expect, it } from 'vitest';
import { plainText } from '../../src/pages/note/plain-text.js';
import { titleOf } from '../../src/view/titles.js';

it.each([
  [
    'A customer without an order for **90 days** has left; see [returns](../returns.md).',
    'A customer without an order for 90 days has left; see returns.',
  ],
  ['# The `orders` table', 'The orders table'],
  ['| segment | days | | --- | --- | | consumer | 90 |', 'segment days consumer 90'],
  ['- Reasons are _free_ texts.', 'Reasons are free texts.'],
  ['a | b', 'a | b'],
  ['orders.order_id * 2', 'orders.order_id * 2'],
  ['<b>x</b> &amp; **cut of', '<b>x</b> & **cut of'],
  ['', ''],
])('reads %s', (markdown, text) => expect(plainText(markdown)).toBe(text));

it('titles the pages of runs and notes', () => {
  const run = { source: 'live-database', connectionId: 'shop', startedAt: '2026-05-04T13:05:59.000Z' };
  expect(titleOf({ page: 'run', name: 'run-1' }, { run })).toBe('Scan of shop, 2026-05-04 13:05');
  expect(titleOf({ page: 'run', name: 'run-1' }, { run: { ...run, source: 'looker' } })).toMatch(/^Ingest of shop, /);
  expect(titleOf({ page: 'note', name: 'notes/a.md' }, { title: 'Churn' })).toBe('Churn');
  expect(titleOf({ page: 'table', connectionId: 'shop', name: 'orders' }, {})).toBe('orders');
  expect(titleOf({ page: 'map', connectionId: 'shop' }, {})).toBe('Map');
});
