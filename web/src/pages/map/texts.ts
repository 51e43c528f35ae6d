/** Texts about tables and joins. */

import { countOf } from '../../site/format.js';
import type { MapJoin, MapTable } from './data.js';

/** `view, 12 columns` */
export function describeTable({ isView, columns }: Pick<MapTable, 'isView' | 'columns'>): string {
  return `${isView ? 'view' : 'table'}, ${countOf(columns, 'column')}`;
}

/** Cardinality from the table that refers to the other one. */
export function describeCardinality({ cardinality }: Pick<MapJoin, 'cardinality'>): string {
  if (cardinality === null) return 'not measured';
  return cardinality === 'one_to_one' ? 'one to one' : 'many to one';
}

/** The cardinality as in diagrams. */
export function shortCardinality({ cardinality }: Pick<MapJoin, 'cardinality'>): string {
  if (cardinality === null) return '';
  return cardinality === 'one_to_one' ? '1:1' : 'n:1';
}
