import type { KtxColumnProfile, KtxTable } from '@kaelio/ktx';
import { describe, expect, it } from 'vitest';
import { fitsAnswer } from '../../../src/mcp/size.js';
import { reduceList, reduceTable } from '../../../src/mcp/table-size.js';

const profile: KtxColumnProfile = {
  ...{ nulls: 0, nullShare: 0, distinct: 25, distinctExact: true, valuesComplete: true, hidden: false },
  values: Array.from({ length: 25 }, (_, index) => ({ value: `value "${index}"`, count: index })),
};

const table = (columns: number, facts: { profile?: KtxColumnProfile }): KtxTable => ({
  ...{ connectionId: 'shop', syncId: 's', catalog: null, schema: 'public', name: 't', kind: 'table', comment: null },
  ...{ estimatedRows: null, foreignKeys: [], referencedBy: [], profile: { syncId: 's', rows: 1, rowsExact: true } },
  columns: Array.from({ length: columns }, (_, index) => ({
    ...{ name: `column ${index}`, type: 'text', nullable: true, primaryKey: false, comment: null },
    ...facts,
  })),
});

describe('a table', () => {
  it('is unchanged if it fits an answer', () => {
    const small = table(10, { profile });
    expect(reduceTable(small)).toBe(small);
  });

  it('loses frequent values, then profiles, then columns', () => {
    const [values, profiles, columns] = [800, 3000, 9000].map((count) => reduceTable(table(count, { profile })));
    expect([values, profiles, columns].map((reduced) => reduced !== undefined && fitsAnswer(reduced))).toEqual(
      Array(3).fill(true),
    );
    expect(values?.columns).toHaveLength(800);
    expect(values?.columns[0]?.profile).toMatchObject({ distinct: 25 });
    expect(values?.columns[0]?.profile).not.toHaveProperty('values');
    expect(values?.hint).toMatch(/^Frequent values are left out/);
    expect(profiles?.columns).toHaveLength(3000);
    expect(profiles?.columns[0]).not.toHaveProperty('profile');
    expect(columns?.hint).toMatch(/^These are \d+ of 9000 columns/);
  });
});

describe('a list', () => {
  it('loses its last tables', () => {
    const summary = { schema: 'public', kind: 'table' as const, columnCount: 1, comment: 'x'.repeat(100) };
    const tables = Array.from({ length: 9000 }, (_, index) => ({ ...summary, name: `t${index}` }));
    const reduced = reduceList({ connectionId: 'shop', tables });
    expect(fitsAnswer(reduced)).toBe(true);
    expect(reduced.tables[0]?.name).toBe('t0');
    expect(reduced.hint).toBe(`These are ${reduced.tables.length} of 9000 tables: set contains to a part of a name`);
  });
});
