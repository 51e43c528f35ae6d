import type { KtxQueryHistory, KtxQueryTemplate } from '@kaelio/ktx';
import { describe, expect, it, vi } from 'vitest';
import { type KtxHistoryArgs, runKtxHistory } from '../../../src/history/run.js';
import { makeIo } from '../../support/io.js';
import { connection, project } from '../../support/projects.js';

const template: KtxQueryTemplate = {
  ...{ fingerprint: 'f', sql: 'SELECT *\n  FROM orders', tables: ['public.orders', 'stores'] },
  ...{ calls: 12, meanMs: 1.005, totalMs: 12.6, rows: 3, callers: {} },
};

function history(overrides: Partial<KtxQueryHistory> = {}): KtxQueryHistory {
  return { connectionId: 'warehouse', syncId: 's', templateCount: 1, templates: [template], ...overrides };
}

async function run(
  flags: Partial<KtxHistoryArgs> = {},
  result: Partial<KtxQueryHistory> = {},
  io: Parameters<typeof makeIo>[0] = {},
) {
  const testIo = makeIo(io);
  const loadKtxProject = vi.fn(async () =>
    project({ connections: [connection('bi', 'looker'), connection('warehouse')], warnings: ['unknown key'] }),
  );
  const listKtxQueryHistory = vi.fn(async () => history(result));
  const args = { projectDir: '/shop', top: 20, ...flags };
  const code = await runKtxHistory(args, testIo.io, { loadKtxProject, listKtxQueryHistory });
  return { code, stdout: testIo.stdout(), stderr: testIo.stderr(), loadKtxProject, listKtxQueryHistory };
}

describe('ktx history', () => {
  it('lists the statements of the only database as short lines', async () => {
    const { code, stdout, stderr, listKtxQueryHistory } = await run();
    expect(code).toBe(0);
    expect(listKtxQueryHistory).toHaveBeenCalledExactlyOnceWith({
      ...{ projectDir: '/shop', connectionId: 'warehouse', top: 20 },
    });
    expect(stdout).toBe(
      [
        'CALLS  MEAN MS  TOTAL MS  TABLES                 STATEMENT',
        '   12     1.00        13  public.orders, stores  SELECT *   FROM orders',
        '',
      ].join('\n'),
    );
    expect(stderr).toBe('Warning: unknown key\n');
  });

  it('passes the filter and the environment of the command', async () => {
    const flags = { top: 3, table: 'public.orders', connectionId: 'other' };
    const { listKtxQueryHistory, loadKtxProject } = await run(flags, {}, { environment: 'prod' });
    expect(loadKtxProject).toHaveBeenCalledExactlyOnceWith({ projectDir: '/shop', environment: 'prod' });
    expect(listKtxQueryHistory).toHaveBeenCalledExactlyOnceWith({
      ...{ projectDir: '/shop', environment: 'prod', ...flags },
    });
  });

  it('shortens a statement for people, and has it in full in other formats', async () => {
    const templates = [{ ...template, sql: `SELECT '${'x'.repeat(400)}'` }];
    const lines = (await run({}, { templates })).stdout.split('\n');
    expect(lines[1]).toMatch(/ {2}SELECT 'x{151}…$/);
    expect((await run({ format: 'csv' }, { templates })).stdout).toContain('x'.repeat(400));
    expect(JSON.parse((await run({ json: true }, { templates })).stdout)).toEqual(history({ templates }));
  });

  it('names the kinds of callers, most calls first, where they are known', async () => {
    const templates = [{ ...template, callers: { person: 2, bi_tool: 10 } }];
    const { stdout, listKtxQueryHistory } = await run({ by: 'person' }, { templates });
    expect(stdout).toMatch(/^CALLS {2}MEAN MS {2}TOTAL MS {2}BY {15}TABLES/);
    expect(stdout).toContain('  bi tool, person  public.orders, stores  ');
    expect(listKtxQueryHistory).toHaveBeenCalledWith(expect.objectContaining({ by: 'person' }));
  });

  it('has the rows alone as CSV', async () => {
    const { stdout, stderr } = await run({ format: 'csv' }, { templateCount: 3 });
    expect(stdout).toBe(
      'calls,mean ms,total ms,by,tables,statement\n12,1.00,13,"","public.orders, stores","SELECT *\n  FROM orders"\n',
    );
    expect(stderr).toContain('2 more statements: raise --top\n');
  });

  it('says how many statements are not shown', async () => {
    expect((await run({}, { templateCount: 2 })).stdout).toMatch(/\n1 more statement: raise --top\n$/);
    expect((await run({}, { templateCount: 1 })).stdout).not.toContain('--top');
  });

  it('says that there are none', async () => {
    const none = { templates: [], templateCount: 0 };
    expect((await run({ table: 'nope' }, none)).stdout).toBe('The query history has no such statements\n');
    expect((await run({ format: 'csv' }, none)).stdout).toBe('calls,mean ms,total ms,by,tables,statement\n');
  });
});
