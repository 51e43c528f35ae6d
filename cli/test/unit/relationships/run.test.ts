import type { KtxRelationshipList } from '@kaelio/ktx';
import { describe, expect, it, vi } from 'vitest';
import { parseColumns } from '../../../src/relationships/columns.js';
import { formatColumns } from '../../../src/relationships/columns-text.js';
import { type KtxRelationshipsArgs, runKtxRelationships } from '../../../src/relationships/run.js';
import { makeIo } from '../../support/io.js';
import { project } from '../../support/projects.js';

const evidence = [{ kind: 'name', text: 'customer_id names\ncustomers', value: 12 }];
const found = { score: 0.987, declared: false, evidence };

const listed: KtxRelationshipList = {
  ...{ connectionId: 'warehouse', syncId: 's-1', warnings: ['1 accepted answers are not counted yet'] },
  relationships: [
    {
      from: { table: 'public.orders', columns: ['customer_id'] },
      to: { table: 'public.customers', columns: ['id'] },
      ...{ status: 'review', cardinality: 'many_to_one' },
      ...found,
    },
  ],
  keys: [{ table: 'public.lines', columns: ['order_id', 'line'], status: 'accepted', ...found, score: 1 }],
};

async function run(args: Partial<KtxRelationshipsArgs> & { command: KtxRelationshipsArgs['command'] }) {
  const { io, stdout, stderr } = makeIo();
  const calls = {
    loadKtxProject: vi.fn(async () => project()),
    listKtxRelationships: vi.fn(async () => listed),
    answerKtxRelationship: vi.fn(async ({ from, status }) => ({
      ...{ connectionId: 'warehouse', path: 'relationships/warehouse.yaml', from, status },
    })),
  };
  const code = await runKtxRelationships({ projectDir: '/shop', ...args } as KtxRelationshipsArgs, io, calls);
  return { code, stdout: stdout(), stderr: stderr(), ...calls };
}

describe('the list', () => {
  it('has relationships and keys, and prints warnings', async () => {
    const { code, stdout, stderr, listKtxRelationships } = await run({ command: 'list', status: 'review' });
    expect(code).toBe(0);
    const selected = { projectDir: '/shop', connectionId: 'warehouse', status: 'review' };
    expect(listKtxRelationships).toHaveBeenCalledExactlyOnceWith(selected);
    expect(stdout).toBe(
      [
        'STATUS    FROM                          TO                   CARDINALITY  SCORE  EVIDENCE',
        'review    public.orders.customer_id     public.customers.id  many to one   0.99  customer_id names customers',
        'accepted  public.lines(order_id, line)                       key           1.00  customer_id names customers',
        '',
      ].join('\n'),
    );
    expect(stderr).toBe('Warning: 1 accepted answers are not counted yet\n');
  });

  it('is one document with --json', async () => {
    expect(JSON.parse((await run({ command: 'list', json: true })).stdout)).toEqual(listed);
  });
});

describe('an answer', () => {
  it('is recorded for the columns of the arguments', async () => {
    const args = { command: 'reject', from: 'lines(order_id, line)', to: 'sales.orders(id,n)' } as const;
    const { answerKtxRelationship } = await run(args);
    expect(answerKtxRelationship).toHaveBeenCalledExactlyOnceWith({
      ...{ projectDir: '/shop', connectionId: 'warehouse', status: 'rejected' },
      from: { table: 'lines', columns: ['order_id', 'line'] },
      to: { table: 'sales.orders', columns: ['id', 'n'] },
    });
    const { stdout } = await run({ command: 'accept', from: 'customers.id' });
    expect(stdout).toBe('Accepted the key customers.id in relationships/warehouse.yaml\n');
  });

  it('that does not name columns rejects before the project is read', async () => {
    await expect(run({ command: 'accept', from: 'customers' })).rejects.toMatchObject({
      message: 'customers does not name columns of a table',
    });
  });
});

describe('columns', () => {
  it.each([
    ['orders.id', 'orders', ['id']],
    ['sales.orders.id', 'sales.orders', ['id']],
    ['sales.orders (a, b)', 'sales.orders', ['a', 'b']],
    ['orders(a.b)', 'orders', ['a.b']],
    ['orders(a], b)', 'orders', ['a]', 'b']],
  ])('of %s are parsed, and formatted so that they can be', (text, table, columns) => {
    expect(parseColumns(text)).toEqual({ table, columns });
    expect(parseColumns(formatColumns({ table, columns }))).toEqual({ table, columns });
  });

  it.each([
    ['"Orders"."customer id"', '"Orders"', ['"customer id"']],
    ['`a.b`.`c.d`', '`a.b`', ['`c.d`']],
    ['[s].[Order Lines]("a, b", [c (d)])', '[s].[Order Lines]', ['"a, b"', '[c (d)]']],
  ])('of %s keep their quotes', (text, table, columns) => {
    expect(parseColumns(text)).toEqual({ table, columns });
  });

  it('are quoted if their characters separate columns', () => {
    expect(formatColumns({ table: 'orders', columns: ['a, b', 'c'] })).toBe('orders("a, b", c)');
    expect(formatColumns({ table: 'orders', columns: ['a (b)'] })).toBe('orders."a (b)"');
  });

  it.each(['', 'orders', 'orders.', 'orders()', '.id', '"orders.id"'])('are not in "%s"', (text) => {
    expect(() => parseColumns(text)).toThrow('does not name columns');
  });
});
