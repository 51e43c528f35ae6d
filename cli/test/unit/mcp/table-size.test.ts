import { describe, expect, it } from 'vitest';
import { fitsAnswer } from '../../../src/mcp/size.js';
import { reduceRelationships, reduceTable } from '../../../src/mcp/table-size.js';
import type { AgentTable } from '../../../src/mcp/tables.js';

const table = (columns: number, facts: Partial<AgentTable['columns'][number]> = {}): AgentTable => ({
  ...{ connectionId: 'shop', syncId: 's', catalog: null, schema: 'public', name: 't', kind: 'table', comment: null },
  ...{ estimatedRows: null, joins: [], sources: [], profile: { syncId: 's', rows: 1, rowsExact: true } },
  columns: Array.from({ length: columns }, (_, index) => ({ name: `column ${index}`, type: 'text', ...facts })),
});

const values = Array.from({ length: 25 }, (_, index) => `value "${index}"`);

describe('a table', () => {
  it('is unchanged if it fits an answer', () => {
    const small = table(10, { values });
    expect(reduceTable(small)).toBe(small);
  });

  it('loses values, then columns', () => {
    const [withoutValues, withoutColumns] = [200, 9000].map((count) => reduceTable(table(count, { nulls: 0, values })));
    expect([withoutValues, withoutColumns].map((reduced) => reduced !== undefined && fitsAnswer(reduced))).toEqual([
      true,
      true,
    ]);
    expect(withoutValues?.columns).toHaveLength(200);
    expect(withoutValues?.columns[0]).toEqual({ name: 'column 0', type: 'text', nulls: 0 });
    expect(withoutValues?.hint).toMatch(/^Values of the columns are left out/);
    expect(withoutColumns?.hint).toMatch(/^These are \d+ of 9000 columns/);
    expect([withoutValues?.truncated, withoutColumns?.truncated]).toEqual([true, true]);
  });
});

describe('a list of relationships', () => {
  it('says that entries are left out', () => {
    const relationships = Array.from({ length: 2000 }, (_, at) => ({ from: `from ${at}`, evidence: ['x'.repeat(50)] }));
    const list = { keys: [], relationships } as unknown as Parameters<typeof reduceRelationships>[0];
    expect(reduceRelationships(list)).toMatchObject({ truncated: true, hint: expect.stringContaining('left out') });
  });
});
