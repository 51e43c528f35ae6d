import type { KtxDatabaseTable } from '@kaelio/ktx';
import { describe, expect, it } from 'vitest';
import { selectTables } from '../../../../src/setup/guided/tables.js';
import { type Answer, KEYS } from '../../../support/fake-terminal.js';
import { type GuidedFixture, guidedSession, table } from '../../../support/guided.js';
import { ktxError, project } from '../../../support/projects.js';
import { scanReport } from '../../../support/reports.js';

const { enter, down, tab, ctrlC } = KEYS;

const listing = (tables: KtxDatabaseTable[]) => ({
  listKtxDatabaseTables: async () => ({ connectionId: 'warehouse', tables }),
});

const tested = (tableCount: number) => ({
  editKtxConnection: async () => ({
    ...{ connectionId: 'warehouse', project: project(), storedSecrets: [], removedSecrets: [] },
    test: { connectionId: 'warehouse', driver: 'postgres', tableCount },
  }),
});

/** Five tables in two schemas. */
const shop = [
  ...['orders', 'stores', 'items'].map((name) => table(name)),
  ...['raw_orders', 'raw_stores'].map((name) => table(name, { schema: 'staging' })),
];

async function select(flags: object, fixture: GuidedFixture = {}) {
  const created = guidedSession({ ...fixture, calls: { ...listing(shop), ...fixture.calls } });
  const result = await selectTables(created.session, 'warehouse', flags);
  return { ...created, ...result };
}

describe('the selection', () => {
  it('is everything without a terminal, and nothing is written', async () => {
    const { tables, selection, calls, stderr } = await select({});
    expect(tables).toBe(shop);
    expect(selection).toEqual({});
    expect(calls.editKtxConnection).not.toHaveBeenCalled();
    expect(stderr()).toBe('Listing the tables of warehouse\nDone: Tables  all 5\n');
  });

  it('of the flags is written after a test, and not asked for', async () => {
    const flags = { schemas: ['public'], exclude: ['raw_*'] };
    const { selection, calls, stderr, screen, io } = await select(flags, { calls: tested(3), answers: [] });
    expect(selection).toBe(flags);
    expect(calls.editKtxConnection).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ projectDir: '/shop', connectionId: 'warehouse', connection: flags, test: true }),
    );
    expect(calls.editKtxConnection.mock.calls[0]?.[0].managedDaemon).toMatchObject({ cliVersion: '0.2.0', io });
    expect(stderr()).toContain('Done: Tables  3 of 5\n');
    expect(screen()).toBe('');
  });

  it('without any table is a warning that names the flags', async () => {
    const { stderr } = await select({ include: ['nope'] }, { calls: tested(0) });
    expect(stderr()).toContain('Warning: No table is selected: correct --schema, --include or --exclude\n');
    expect(stderr()).toContain('Done: Tables  0 of 5\n');
  });

  it('of a schema that does not exist rejects', async () => {
    const editKtxConnection = async () => {
      throw ktxError('KTX_CONNECTION_FAILED', "The database has no schema 'nope'");
    };
    await expect(select({ schemas: ['nope'] }, { calls: { editKtxConnection } })).rejects.toMatchObject({
      message: "The database has no schema 'nope'",
    });
  });
});

describe('a connection that was scanned before', () => {
  const scanned = { listKtxRuns: async () => [scanReport()] };

  it('keeps its selection and is not asked about', async () => {
    const { selection, calls, stderr, screen } = await select({}, { calls: scanned, answers: [] });
    expect(selection).toEqual({});
    expect(calls.listKtxRuns).toHaveBeenCalledWith({
      ...{ projectDir: '/shop', connectionId: 'warehouse', source: 'live-database' },
    });
    expect(calls.editKtxConnection).not.toHaveBeenCalled();
    expect(stderr()).toContain('Done: Tables  as selected before\n');
    expect(screen()).toBe('');
  });

  it('takes a selection of flags', async () => {
    const { calls } = await select({ include: ['orders'] }, { calls: { ...scanned, ...tested(1) } });
    expect(calls.editKtxConnection).toHaveBeenCalledOnce();
  });

  it.each([
    ['failed', { status: 'failed' as const }],
    ['is running', { status: 'running' as const }],
    ['was a dry run', { dryRun: true }],
  ])('is asked about if its only scan %s', async (_, overrides) => {
    const listKtxRuns = async () => [scanReport(overrides)];
    const answers: Answer[] = [
      ['Which schemas', enter],
      ['Scan all 5 tables and views?', enter],
    ];
    expect((await select({}, { calls: { listKtxRuns }, answers })).unasked()).toEqual([]);
  });
});

describe('the questions', () => {
  it('are about schemas, then about the tables of the chosen ones', async () => {
    const answers: Answer[] = [
      ['Which schemas', ...'stag', tab, enter],
      ['Scan all 2 tables and views?', enter],
    ];
    const { selection, calls, screen, stderr } = await select({}, { answers, calls: tested(2) });
    expect(selection).toEqual({ schemas: ['staging'] });
    expect(calls.editKtxConnection.mock.calls[0]?.[0].connection).toEqual({ schemas: ['staging'] });
    expect(screen()).toContain('staging (2 tables)');
    expect(stderr()).toContain('Done: Tables  2 of 5\n');
  });

  it('write no schemas if all are chosen', async () => {
    const answers: Answer[] = [
      ['Which schemas', tab, down, tab, enter],
      ['Scan all 5 tables and views?', enter],
    ];
    const { selection, calls } = await select({}, { answers });
    expect(selection).toEqual({});
    expect(calls.editKtxConnection).not.toHaveBeenCalled();
  });

  const one = [table('orders'), table('stores'), table('items')];
  const choose = (...keys: string[]): Answer[] => [
    ['Scan all 3 tables and views?', down, enter],
    ['Which tables should be scanned?', ...keys],
  ];

  it('write the few tables that are chosen', async () => {
    const answers = choose(...'orders', tab, enter);
    const { selection } = await select({}, { answers, calls: { ...listing(one), ...tested(1) } });
    expect(selection).toEqual({ include: ['public.orders'] });
  });

  it('write the few tables that are left out, so that new ones are scanned', async () => {
    const answers = choose(tab, down, tab, enter);
    const { selection } = await select({}, { answers, calls: { ...listing(one), ...tested(2) } });
    expect(selection).toEqual({ exclude: ['public.items'] });
  });

  it('write nothing if all tables are chosen one by one', async () => {
    const answers = choose(tab, down, tab, down, tab, enter);
    const { selection, calls } = await select({}, { answers, calls: listing(one) });
    expect(selection).toEqual({});
    expect(calls.editKtxConnection).not.toHaveBeenCalled();
  });

  it('quote characters of names that have a meaning in patterns', async () => {
    const odd = [table('a*b?[c]', { schema: null }), table('plain'), table('other')];
    const answers = choose(tab, enter);
    const { selection } = await select(
      {},
      { answers: [['Which schemas', enter], ...answers], calls: { ...listing(odd), ...tested(1) } },
    );
    expect(selection).toEqual({ include: ['a[*]b[?][[]c]'] });
  });

  it('show views and estimates', async () => {
    const tables = [
      table('orders', { estimatedRows: 1 }),
      table('daily', { kind: 'view', estimatedRows: null }),
      table('top', { kind: 'view' }),
    ];
    const { screen } = await select(
      {},
      { answers: choose(tab, down, down, tab, enter), calls: { ...listing(tables), ...tested(2) } },
    );
    expect(screen()).toContain('public.orders (about 1 row)');
    expect(screen()).toContain('public.top (view, about 100 rows)');
  });

  it('are not asked about a single table', async () => {
    const { selection, screen } = await select({}, { answers: [], calls: listing([table('orders')]) });
    expect(selection).toEqual({});
    expect(screen()).toBe('');
  });

  it('end the command with Ctrl-C, and nothing is written', async () => {
    const created = guidedSession({ answers: [['Which schemas', ctrlC]], calls: listing(shop) });
    await expect(selectTables(created.session, 'warehouse', {})).rejects.toMatchObject({ code: 'KTX_INTERRUPTED' });
    expect(created.calls.editKtxConnection).not.toHaveBeenCalled();
  });
});
