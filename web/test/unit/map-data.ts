/** Generated tables and joins. */

import type { JoinToDraw, TableToPlace } from '../../src/layout/map-layout.js';

/** Tables and joins. */
export interface Graph {
  tables: TableToPlace[];
  joins: JoinToDraw[];
}

/** Pseudo-random numbers from 0 to 1, always the same ones: the generator `mulberry32`. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A warehouse: areas of 25 tables that are joined with each other, some joins between them, and tables without joins. */
export function warehouse(count: number, schemas = 4): Graph {
  const next = random(count);
  const pick = (limit: number) => Math.floor(next() * limit);
  const tables = Array.from({ length: count }, (_, index) => ({
    schema: `schema_${index % 3 === 0 ? 0 : pick(schemas)}`,
    name: `${['order', 'customer', 'invoice_item', 'shipment_of_a_supplier'][index % 4]}_${index}`,
  }));
  const joins: JoinToDraw[] = [];
  for (let from = 1; from < count; from++) {
    if (from % 9 === 0) continue;
    const start = from - (from % 25);
    for (let each = pick(4); each > 0; each--) {
      joins.push({ from, to: next() < 0.2 ? pick(from) : start + pick(Math.max(1, from - start)) });
    }
  }
  return { tables, joins };
}

/** One table that all others refer to, or that refers to all others. */
export function hub(count: number, direction: 'in' | 'out' = 'in'): Graph {
  const tables = Array.from({ length: count + 1 }, (_, index) => ({ schema: 's', name: `t${index}` }));
  const joins = tables.slice(1).map((_, index) => ({ from: index + 1, to: 0 }));
  return { tables, joins: direction === 'in' ? joins : joins.map(({ from, to }) => ({ from: to, to: from })) };
}

/** Tables with all joins between them that there can be. */
export function clique(count: number): Graph {
  const tables = Array.from({ length: count }, (_, index) => ({ schema: 's', name: `t${index}` }));
  return { tables, joins: tables.flatMap((_, from) => tables.map((_, to) => ({ from, to }))) };
}
