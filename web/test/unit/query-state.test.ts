/** The query in the fragment of the URL. */

import { describe, expect, it } from 'vitest';
import {
  measureOf,
  orderFields,
  setDimension,
  toggleDimension,
  toggleMeasure,
} from '../../src/pages/query/model/edit.js';
import { EMPTY, fragmentOf, type QueryState, readFragment, toQuery } from '../../src/pages/query/model/query-state.js';
import { HOSTILE } from './support/hostile-texts.js';

describe('the fragment of a query', () => {
  it.each(HOSTILE)('keeps %j', (text) => {
    const state: QueryState = {
      ...EMPTY,
      measures: [measureOf('orders', text, 'postgres')],
      filters: [text],
      dimensions: [{ field: `orders.${text}`, granularity: 'month' }],
      parameters: { [text]: text },
    };
    const fragment = fragmentOf(toQuery(state));
    expect(fragment).toMatch(/^[\w%.~!*'()-]+$/);
    expect(readFragment(`#${fragment}`)).toEqual(state);
  });

  it('is read in all forms that a query has', () => {
    const fragment = fragmentOf({
      measures: ['orders.n', 'sum(orders.a) as total'],
      dimensions: ['orders.placed:month', { field: 'orders.b', name: 'c' }],
      order_by: ['total:desc', { field: 'c' }],
      limit: null,
    });
    expect(readFragment(fragment)).toEqual({
      ...EMPTY,
      measures: ['orders.n', { expr: 'sum(orders.a)', name: 'total' }],
      dimensions: [
        { field: 'orders.placed', granularity: 'month' },
        { field: 'orders.b', name: 'c' },
      ],
      order_by: [
        { field: 'total', direction: 'desc' },
        { field: 'c', direction: 'asc' },
      ],
    });
  });

  it('is refused if it is none, and freed of what no query has', () => {
    expect(readFragment('#content')).toBeUndefined();
    expect(readFragment('#%E0%A4%A')).toBeUndefined();
    expect(readFragment('#[1]')).toBeUndefined();
    expect(readFragment('')).toEqual(EMPTY);
    const wrong = { measures: [1, null, {}], filters: 'x', limit: -1, top: { by: 1 }, paths: { a: 1 }, __proto__: {} };
    expect(readFragment(encodeURIComponent(JSON.stringify(wrong)))).toEqual({ ...EMPTY, paths: {} });
  });
});

describe('changes of a query', () => {
  const state: QueryState = {
    ...EMPTY,
    measures: ['orders.n', 'orders.m'],
    dimensions: [{ field: 'orders.at', granularity: 'month' }],
    order_by: [
      { field: 'orders.n', direction: 'desc' },
      { field: 'orders.at', direction: 'asc' },
      { field: 'at_month', direction: 'asc' },
    ],
  };

  it('remove the order by what is removed, and keep other names of the order', () => {
    const next = toggleMeasure(state, 'orders.n');
    expect(next.measures).toEqual(['orders.m']);
    expect(next.order_by.map(({ field }) => field)).toEqual(['orders.at', 'at_month']);
    expect(toggleMeasure(next, 'orders.n').measures).toEqual(['orders.m', 'orders.n']);
  });

  it('keep the order by a dimension whose granularity changes', () => {
    const next = setDimension(state, 0, { field: 'orders.at', granularity: 'year' });
    expect(next.order_by).toEqual(state.order_by);
    const both: QueryState = {
      ...state,
      dimensions: [...state.dimensions, { field: 'orders.at', granularity: 'year' }],
    };
    expect(orderFields(both)).toEqual(['at_month', 'at_year', 'orders.n', 'orders.m']);
  });

  it('remove a dimension with all of its granularities', () => {
    expect(toggleDimension(state, { field: 'orders.at' })).toMatchObject({ dimensions: [] });
  });

  it('give names that would be split as expressions', () => {
    expect(measureOf('orders', 'a as b', 'postgres')).toEqual({ expr: 'orders.a as b', name: 'a as b' });
    expect(measureOf('orders', 'n ', 'postgres')).toEqual({ expr: '"orders"."n "', name: 'n ' });
    expect(measureOf(null, 'rate', 'postgres')).toBe('rate');
  });
});
