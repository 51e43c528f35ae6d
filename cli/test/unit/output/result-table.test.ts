import type { KtxSqlResult } from '@kaelio/ktx';
import { describe, expect, it } from 'vitest';
import { renderResult } from '../../../src/output/result-table.js';
import { makeIo } from '../../support/io.js';

function result(names: string[], rows: unknown[][], truncated = false): KtxSqlResult {
  const columns = names.map((name) => ({ name, type: null }));
  return { connectionId: 'warehouse', columns, rows, rowCount: rows.length, truncated };
}

const rendered = (rows: KtxSqlResult, columns?: number) =>
  renderResult(rows, makeIo({ stdout: { write: () => true, ...(columns === undefined ? {} : { columns }) } }).io);

describe('renderResult', () => {
  it('aligns numbers, without rounding errors of floating point', async () => {
    const rows = [
      ['a', 0.1 + 0.2, 1200],
      ['größe', 21403.5, 7],
      [null, -3, 12],
    ];
    expect(await rendered(result(['name', 'revenue', 'n'], rows))).toBe(
      [
        'name   revenue     n',
        'a          0.3  1200',
        'größe  21403.5     7',
        'null      -3.0    12',
        '(3 rows)',
        '',
      ].join('\n'),
    );
  });

  it('shows every digit of numbers sent as strings, and other values as JSON', async () => {
    const rows = [['12345678901234567890.1234', [1, null], true]];
    const lines = (await rendered(result(['big', 'list', 'flag'], rows))).split('\n');
    expect(lines[1]).toBe('12345678901234567890.1234  [1,null]  true');
  });

  it('shows every exact digit of a double', async () => {
    const text = await rendered(result(['x'], [[123456789012.345], [9007199254740991]]));
    expect(text).toContain('123456789012.345');
    expect(text).toContain('9007199254740991');
  });

  it.each([
    ['limit', '(2 rows, the limit; --limit N for more)'],
    ['rows', '(2 rows shown, more available: raise --max-rows)'],
    ['bytes', '(2 rows shown, more exceed the size of a result: select fewer rows or columns)'],
    [undefined, '(2 rows shown, more available: raise --max-rows)'],
  ] as const)('prints the cause of truncation: %s', async (truncatedBy, footer) => {
    const cut = result(['x'], [[1], [2]], true);
    const text = await rendered(truncatedBy === undefined ? cut : { ...cut, truncatedBy });
    expect(text.trimEnd().endsWith(footer)).toBe(true);
  });

  it('prints that the first row is too large', async () => {
    const text = await rendered({ ...result(['x'], [], true), truncatedBy: 'bytes' });
    expect(text).toContain('(0 rows: the first row is too large to show; select fewer columns)');
  });

  it('does not round a small number to zero', async () => {
    const text = await rendered(result(['x'], [[0.000000123], [1.5]]));
    expect(text).toContain('1.23e-7');
    expect(text).toContain('1.5');
  });

  it('prints blocks if the table is too wide for the terminal, and a table to a pipe', async () => {
    const wide = result(
      ['name', 'remark'],
      [
        ['a', 'x'.repeat(50)],
        ['顧客', 'y'],
      ],
    );
    expect(await rendered(wide, 40)).toBe(
      [
        'Row 1',
        'name    a',
        `remark  ${'x'.repeat(50)}`,
        '',
        'Row 2',
        'name    顧客',
        'remark  y',
        '',
        '(2 rows)',
        '',
      ].join('\n'),
    );
    expect(await rendered(wide)).toMatch(/^name {2}remark\n/);
    expect(await rendered(wide, 80)).toMatch(/^name {2}remark\n/);
  });

  it('renders the maximum number of rows', async () => {
    const rows = Array.from({ length: 100_000 }, (_, index) => [index, index / 2, null]);
    expect((await rendered(result(['a', 'b', 'c'], rows), 80)).split('\n')).toHaveLength(rows.length + 3);
  });

  it('prints the number of rows, and whether there are more', async () => {
    expect(await rendered(result(['x'], []))).toBe('x\n(0 rows)\n');
    expect(await rendered(result(['x'], [[1]], true))).toBe('x\n1\n(1 row shown, more available: raise --max-rows)\n');
  });
});
