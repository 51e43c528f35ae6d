import type { KtxSemanticSourceSummary, KtxTable } from '@kaelio/ktx';
import { describe, expect, it } from 'vitest';
import type { KtxMcpContextTools } from '../../../src/mcp/context-tools.js';
import { readTable } from '../../../src/mcp/tables.js';

const TABLE: KtxTable = {
  ...{ connectionId: 'shop', syncId: 's', catalog: null, schema: 'public', name: 'orders', kind: 'table' },
  ...{ comment: null, estimatedRows: null, columns: [], foreignKeys: [], referencedBy: [] },
};

function read(usedBy: string[]) {
  const source = { name: 'orders', table: 'public.orders', measures: ['revenue'], joins: [] };
  const context = {
    tables: { read: async () => ({ ...TABLE, usedBy }) },
    semanticLayer: { listSources: async () => [source as unknown as KtxSemanticSourceSummary] },
  };
  return readTable(context as unknown as KtxMcpContextTools, { connectionId: 'shop', name: 'orders' });
}

describe('the uses of a table', () => {
  it('leave out its sources and their measures, which are listed', async () => {
    const table = await read(['source daily', 'source orders', 'measure orders.revenue', 'view public.monthly']);
    expect(table.sources).toEqual([{ name: 'orders', measures: ['revenue'], joins: [] }]);
    expect(table.usedBy).toEqual(['source daily', 'view public.monthly']);
    expect(table).not.toHaveProperty('usedByTotal');
    expect(await read(['source orders'])).not.toHaveProperty('usedBy');
  });

  it('are 20 at most, with their number', async () => {
    const views = Array.from({ length: 21 }, (_, index) => `view v${index}`);
    expect(await read(views)).toMatchObject({ usedBy: views.slice(0, 20), usedByTotal: 21 });
  });
});
