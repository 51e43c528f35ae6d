/** Order and filter of the list. */

import type { ListedTable, TableGroup } from './data.js';

/** A column of the list that it can be sorted by. */
export type SortKey = 'shortName' | 'kind' | 'columnCount' | 'rows';

/** How the tables of each schema are sorted. */
export interface Order {
  key: SortKey;
  descending: boolean;
}

/** Returns the tables whose name or comment has all words of a filter, in an order; schemas without any are left out. */
export function arrangeTables(groups: TableGroup[], filter: string, { key, descending }: Order): TableGroup[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const arranged = groups.map(({ schema, tables }) => ({
    schema,
    tables: tables
      .filter(({ name, comment }) => matches(`${name} ${comment ?? ''}`.toLowerCase(), words))
      .sort((one, other) => compareBy(key, one, other) * (descending ? -1 : 1)),
  }));
  return arranged.filter(({ tables }) => tables.length > 0);
}

function matches(text: string, words: string[]): boolean {
  return words.every((word) => text.includes(word));
}

/** Sorting is stable, so that equal ones remain sorted by name. */
function compareBy(key: SortKey, one: ListedTable, other: ListedTable): number {
  // An unknown number is less than all others.
  const missing = key === 'rows' ? -1 : '';
  const [left, right] = [one[key] ?? missing, other[key] ?? missing];
  return left < right ? -1 : Number(left > right);
}

/** The order after a click on the heading of a column: numbers begin with the greatest. */
export function nextOrder(order: Order, key: SortKey): Order {
  return { key, descending: order.key === key ? !order.descending : key === 'columnCount' || key === 'rows' };
}
