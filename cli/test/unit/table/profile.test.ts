import type { KtxColumnProfile, KtxTable } from '@kaelio/ktx';
import { describe, expect, it } from 'vitest';
import { columnsTable, renderDescription } from '../../../src/table/view.js';
import { makeIo } from '../../support/io.js';

const facts = (overrides: Partial<KtxColumnProfile> = {}): KtxColumnProfile => ({
  ...{ nulls: 0, nullShare: 0, distinct: 200, distinctExact: true, valuesComplete: false, hidden: false },
  ...overrides,
});

const column = (name: string, type: string, profile: KtxColumnProfile, comment: string | null = null) => ({
  ...{ name, type, nullable: true, primaryKey: false, comment, profile },
});

const customers: KtxTable = {
  ...{ connectionId: 'shop', syncId: 's-2', catalog: null, schema: 'public', name: 'customers', kind: 'table' },
  ...{ comment: null, estimatedRows: 900, foreignKeys: [], referencedBy: [] },
  profile: { syncId: 's-2', rows: 200, rowsExact: true },
  columns: [
    column('id', 'integer', facts({ min: 1, max: 200, mean: 100.5 })),
    column('email', 'text', {
      ...facts({ nulls: 1, nullShare: 0.004, minLength: 8, maxLength: 30, hidden: true }),
      sensitive: { class: 'email', by: 'name', evidence: 'The name has the word email' },
    }),
    column('segment', 'text', {
      ...facts({ nulls: 10, nullShare: 0.05, distinct: 2, valuesComplete: true, min: '', max: 'pro\u001b[2J' }),
      values: [
        { value: 'pro\u001b[2J', count: 120 },
        { value: '', count: 70 },
      ],
    }),
    column('born', 'text', {
      ...facts({ distinct: 180, distinctExact: false, min: '1950-01-01', max: '1950-01-01' }),
      formats: [{ kind: 'iso_date', share: 1, evidence: 'All values are dates' }],
      values: [{ value: '1950-01-01', count: 9 }],
    }),
  ],
};

const render = (table: KtxTable, columns?: number) => {
  const { io } = makeIo();
  return renderDescription(table, { ...io, stdout: { ...io.stdout, ...(columns === undefined ? {} : { columns }) } });
};

describe('a table with a profile', () => {
  it('has the facts of its columns, and bars of the values that are few or frequent', async () => {
    expect(await render(customers)).toBe(
      [
        ...['Table  public.customers', 'Kind   table', 'Rows   200', 'Scan   s-2 of shop', ''],
        'COLUMN   TYPE     NULL  KEY  NULLS  DISTINCT  RANGE              COMMENT',
        'id       integer  null          0%       200  1 … 200',
        'email    text     null         <1%       200  8 … 30 characters  e-mail, not stored',
        "segment  text     null          5%         2  '' … pro [2J",
        'born     text     null          0%      ≈180  1950-01-01         iso date',
        ...['', 'Frequent values'],
        'COLUMN   VALUE    ROWS  SHARE',
        'segment  pro [2J   120    60%  ████████████',
        "         ''         70    35%  ███████",
        '',
      ].join('\n'),
    );
  });

  it('has a block for each column on a narrow terminal', async () => {
    const text = await render(customers, 60);
    expect(text).toContain(
      'email\ntype      text\nnull      null\nnulls     <1%\ndistinct  200\nrange     8 … 30 characters\ncomment   e-mail, not stored\n',
    );
    expect(await render(customers, 120)).toBe(await render(customers));
  });

  it('says what was sampled, and which scan made the profile', async () => {
    const profile = { syncId: 's-1', rows: 5000, rowsExact: false, sampledRows: 200 };
    expect(await render({ ...customers, profile })).toContain(
      'Rows     about 5000; profiled on a sample of 200\nScan     s-2 of shop\nProfile  of the earlier scan s-1\n',
    );
    expect(await render({ ...customers, profile: { ...profile, rows: null } })).toContain(
      'Rows     about 900; profiled',
    );
  });

  it('marks the numbers of a sample, and none that are unknown', async () => {
    const values = [{ value: 'a', count: 150 }];
    const columns = [
      column(
        'c',
        'text',
        facts({ nulls: 1250, nullShare: 0.25, distinct: 1, distinctExact: false, values, min: 'a', max: 'b' }),
      ),
      column('d', 'json', facts({ distinct: 0, distinctExact: false })),
    ];
    const profile = { syncId: 's-2', rows: 5000, rowsExact: false, sampledRows: 200 };
    const text = await render({ ...customers, profile, columns });
    expect(text).toMatch(/\nc +text +null +≈25% +≈1 +≈a … b\nd +json +null +≈0%\n/);
    expect(text).toMatch(/\nc +a +≈3750 +75% +█+\n +… and perhaps others\n$/);
  });

  it('lists a few values, and says how many more there are', async () => {
    const values = [...'abcdefg'].map((value) => ({ value, count: 20 }));
    const many = column('c', 'text', facts({ distinct: 7, valuesComplete: true, values }));
    expect(await render({ ...customers, columns: [many] })).toMatch(/\n {8}e {2} +20 .*\n {8}… and 2 more\n$/);
  });

  it('has rows with the facts in other formats', () => {
    const { columns, rows } = columnsTable(customers);
    expect(columns.map(({ title }) => title).join()).toBe('COLUMN,TYPE,NULL,KEY,NULLS,DISTINCT,RANGE,COMMENT');
    expect(rows[1]).toEqual(['email', 'text', 'null', null, '<1%', '200', '8 … 30 characters', 'e-mail, not stored']);
  });
});
