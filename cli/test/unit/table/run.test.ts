import type { KtxTable, KtxTableColumn, KtxTableSummary } from '@kaelio/ktx';
import { describe, expect, it, vi } from 'vitest';
import { type KtxTableArgs, type KtxTableDeps, runKtxTable } from '../../../src/table/run.js';
import { makeIo } from '../../support/io.js';
import { connection, ktxError, project } from '../../support/projects.js';

const column = (name: string, overrides: Partial<KtxTableColumn> = {}): KtxTableColumn => ({
  ...{ name, type: 'text', nullable: true, primaryKey: false, comment: null },
  ...overrides,
});

const orders: KtxTable = {
  ...{ connectionId: 'warehouse', syncId: 's-1', catalog: null, schema: 'public', name: 'orders', kind: 'table' },
  ...{ comment: null, estimatedRows: null, foreignKeys: [], referencedBy: [] },
  columns: [column('id', { type: 'integer', nullable: false, primaryKey: true }), column('status')],
};

/** Every property, a nested column, and keys in both directions. */
const events: KtxTable = {
  ...{ ...orders, name: 'events', comment: 'what users did', estimatedRows: 1200, bytes: 4096, engine: 'MergeTree' },
  ...{ partitionKey: 'toYYYYMM(at)', sortingKey: 'user, at', modifiedAt: '2026-05-11T12:00:00Z' },
  columns: [
    column('payload', {
      ...{ type: 'Nested', comment: 'JSON' },
      fields: [
        { path: ['user', 'a.b'], type: 'String' },
        { path: ['user', 'größe'], type: 'Int64', comment: 'in cm' },
      ],
    }),
  ],
  foreignKeys: [
    {
      ...{ fromTable: 'public.events', fromColumns: ['a', 'b'], toTable: 'public.users', toColumns: ['x', 'y'] },
      constraintName: 'events_users',
    },
  ],
  referencedBy: [
    {
      ...{ fromTable: 'public.logs', fromColumns: ['event'], toTable: 'public.events', toColumns: ['id'] },
      constraintName: null,
    },
  ],
};

const NO_PROFILE = 'No profile yet: make one with ktx scan warehouse --profile';

const listed: KtxTableSummary[] = [
  { schema: 'public', name: 'orders', kind: 'table', columnCount: 12, comment: 'all\norders' },
  { schema: null, name: 'daily', kind: 'view', columnCount: 3, comment: null },
  { schema: 'old', name: 'x', kind: null, columnCount: 1, comment: null },
];

async function run(flags: Partial<KtxTableArgs> = {}, deps: KtxTableDeps = {}, io: Parameters<typeof makeIo>[0] = {}) {
  const testIo = makeIo(io);
  const calls = {
    loadKtxProject: vi.fn(async () => project({ warnings: ['unknown key'] })),
    listKtxTables: vi.fn(async () => listed),
    readKtxTable: vi.fn(async () => orders),
  };
  const code = await runKtxTable({ projectDir: '/shop', ...flags }, testIo.io, { ...calls, ...deps });
  return { code, stdout: testIo.stdout(), stderr: testIo.stderr(), ...calls };
}

const describeTable = async (table: KtxTable, flags: Partial<KtxTableArgs> = {}) =>
  (await run({ name: table.name, ...flags }, { readKtxTable: async () => table })).stdout;

describe('the list', () => {
  it('has the tables of the only database', async () => {
    const { code, stdout, stderr, listKtxTables, readKtxTable } = await run();
    expect(code).toBe(0);
    expect(listKtxTables).toHaveBeenCalledExactlyOnceWith({ projectDir: '/shop', connectionId: 'warehouse' });
    expect(readKtxTable).not.toHaveBeenCalled();
    expect(stdout).toBe(
      [
        'TABLE          KIND   COLUMNS  COMMENT',
        'public.orders  table       12  all orders',
        'daily          view         3',
        'old.x                       1',
        '',
      ].join('\n'),
    );
    expect(stderr).toBe('Warning: unknown key\n');
  });

  it('is one document with --json, and rows in other formats', async () => {
    expect(JSON.parse((await run({ json: true })).stdout)).toEqual({ connectionId: 'warehouse', tables: listed });
    expect((await run({ format: 'csv' })).stdout).toBe(
      'table,kind,columns,comment\npublic.orders,table,12,"all\norders"\ndaily,view,3,\nold.x,,1,\n',
    );
  });

  it('may be empty', async () => {
    const deps = { listKtxTables: async () => [] };
    expect((await run({}, deps)).stdout).toBe('The newest scan has no tables\n');
    expect((await run({ format: 'csv' }, deps)).stdout).toBe('table,kind,columns,comment\n');
  });
});

describe('the connection', () => {
  it('is that of the flag, in the environment of the command', async () => {
    const io = { environment: 'prod' };
    const where = { projectDir: '/shop', environment: 'prod', connectionId: 'other' };
    const all = await run({ connectionId: 'other' }, {}, io);
    expect(all.loadKtxProject).toHaveBeenCalledExactlyOnceWith({ projectDir: '/shop', environment: 'prod' });
    expect(all.listKtxTables).toHaveBeenCalledExactlyOnceWith(where);
    const one = await run({ connectionId: 'other', name: 'orders' }, {}, io);
    expect(one.readKtxTable).toHaveBeenCalledExactlyOnceWith({ ...where, name: 'orders' });
  });

  it('must be named if there are several databases', async () => {
    const loadKtxProject = async () => project({ connections: [connection('a'), connection('b')] });
    await expect(run({}, { loadKtxProject })).rejects.toMatchObject({
      next: 'Choose one of them with --connection-id ID',
    });
  });
});

describe('a table', () => {
  it('has its columns, without properties that are not known', async () => {
    expect(await describeTable(orders)).toBe(
      [
        ...['Table  public.orders', 'Kind   table', 'Scan   s-1 of warehouse', ''],
        ...[
          'COLUMN  TYPE     NULL      KEY      COMMENT',
          'id      integer  not null  primary',
          'status  text     null',
          ...['', NO_PROFILE, ''],
        ],
      ].join('\n'),
    );
  });

  it('has all properties, the fields of nested columns, and foreign keys of both directions', async () => {
    expect(await describeTable(events)).toBe(
      [
        ...['Table           public.events', 'Kind            table', 'Comment         what users did'],
        ...['Rows            about 1200', 'Bytes           4096', 'Engine          MergeTree'],
        ...['Partitioned by  toYYYYMM(at)', 'Sorted by       user, at', 'Modified        2026-05-11T12:00:00Z'],
        ...['Scan            s-1 of warehouse', ''],
        'COLUMN              TYPE    NULL  KEY  COMMENT',
        'payload             Nested  null       JSON',
        'payload.user.a.b    String',
        'payload.user.größe  Int64              in cm',
        ...['', 'References'],
        'FROM                  TO                   CONSTRAINT',
        'public.events (a, b)  public.users (x, y)  events_users',
        ...['', 'Referenced by'],
        'FROM                 TO                  CONSTRAINT',
        'public.logs (event)  public.events (id)',
        ...['', NO_PROFILE, ''],
      ].join('\n'),
    );
  });

  it('has keys that are not enforced, and the labels and policies of columns', async () => {
    const email = column('email', { labels: { 'GOV.PII': 'mail' }, maskingPolicy: 'GOV.MASK' });
    const text = await describeTable({
      ...orders,
      columns: [email],
      uniqueKeys: [['email']],
      uniqueKeysEnforced: false,
    });
    expect(text).toContain('Unique, not enforced  (email)\n');
    expect(text).toContain('email   text  null       GOV.PII=mail; masked by GOV.MASK\n');
  });

  it('of a database without schemas has its name alone; nothing is shown for a kind that is not known', async () => {
    expect(await describeTable({ ...orders, schema: null, kind: null, estimatedRows: 0 })).toMatch(
      /^Table {2}orders\nRows {3}about 0\nScan {3}s-1 of warehouse\n\n/,
    );
  });

  it('keeps odd names and comments on one line', async () => {
    const odd = column('a b\nc', { type: 'enum(\t)', comment: 'x\x1b[2J\ny' });
    expect((await describeTable({ ...orders, columns: [odd] })).split('\n').slice(4)).toEqual([
      ...['COLUMN  TYPE      NULL  KEY  COMMENT', 'a b c   enum(  )  null       x\\u001b[2J y', '', NO_PROFILE, ''],
    ]);
  });

  it('is aligned by the width of its characters', async () => {
    const lines = (await describeTable({ ...orders, columns: [column('顧客'), column('id')] })).split('\n').slice(5);
    expect(lines).toEqual(['顧客    text  null', 'id      text  null', '', NO_PROFILE, '']);
  });

  it('is one document with --json, and rows of columns in other formats', async () => {
    expect(JSON.parse(await describeTable(events, { json: true }))).toEqual(events);
    expect(await describeTable(events, { format: 'csv' })).toBe(
      [
        'column,type,null,key,comment',
        'payload,Nested,null,,JSON',
        'payload.user.a.b,String,,,',
        'payload.user.größe,Int64,,,in cm',
        '',
      ].join('\n'),
    );
  });

  it('that is not known rejects', async () => {
    const readKtxTable = async () => {
      throw ktxError('KTX_TABLE_UNKNOWN', 'There is no table nope');
    };
    await expect(run({ name: 'nope' }, { readKtxTable })).rejects.toMatchObject({ code: 'KTX_TABLE_UNKNOWN' });
  });
});

describe('the facts of a table', () => {
  const view: KtxTable = {
    ...{ ...orders, name: 'kept', kind: 'view', variant: 'materialized_view', readable: false },
    columns: [column('status', { default: "'new'" })],
    checks: [{ name: null, expression: 'status <> 3' }],
    definition: `SELECT 1,\n\t2\u001b[2J${'\n  3'.repeat(20)}`,
  };

  it('have the kind, the rights, defaults, checks, and the first lines of the definition', async () => {
    const stdout = await describeTable(view);
    expect(stdout).toMatch(/Kind +materialized view\n/);
    expect(stdout).toMatch(/Rights +this user may not read it\n/);
    expect(stdout).toContain("default 'new'\n");
    expect(stdout).toMatch(/\nChecks\nCHECK +CONDITION\n +status <> 3\n/);
    expect(stdout).toContain('\nDefinition\n  SELECT 1,\n    2[2J\n    3\n');
    expect(stdout).toContain('  … and 10 more lines: see --json\n');
  });

  it('are complete with --json', async () => {
    expect(JSON.parse(await describeTable(view, { json: true }))).toEqual(view);
  });
});
