import type { KtxRunReport } from '@kaelio/ktx';
import { describe, expect, it } from 'vitest';
import { changedNames } from '../../src/pages/overview/changed.js';
import { affectedOf } from '../../src/pages/run/affected.js';
import { entityLists } from '../../src/pages/run/entities.js';
import { pageOfTable, plainName } from '../../src/site/plain-name.js';
import { newestRun } from '../../src/site/run-summary.js';

const run: KtxRunReport = {
  runId: 'run-1',
  connectionId: 'wh',
  source: 'live-database',
  status: 'done',
  dryRun: false,
  syncId: '',
  startedAt: '2026-05-01T08:00:00Z',
  finishedAt: '2026-05-01T08:00:01Z',
  diffSummary: { added: 1, modified: 1, deleted: 1, unchanged: 0 },
  changes: { added: ['s.new'], modified: ['s.t'], deleted: ['s.old'] },
  details: {
    's.t': [
      { kind: 'added', object: 'column', name: 'a', text: '+ a int' },
      { kind: 'removed', object: 'column', name: 'b', text: '- b', affects: ['measure t.b'] },
      { kind: 'changed', object: 'column', name: 'c', text: '~ c int → text' },
    ],
    's.old': [{ kind: 'removed', object: 'table', name: 's.old', text: '- table', affects: ['source old'] }],
  },
  workUnits: [],
  warnings: [],
  error: null,
};

describe('entityLists', () => {
  it('lists entities by kind, with what changed in them', () => {
    const lists = entityLists(run, new Set(['s.t', 's.new']));
    expect(lists.map(({ change, entities }) => [change, entities.map(({ name, page }) => [name, page])])).toEqual([
      ['added', [['s.new', 's.new']]],
      ['modified', [['s.t', 's.t']]],
      ['deleted', [['s.old', null]]],
    ]);
    expect(lists[1]?.entities[0]?.details[1]).toEqual({
      kind: 'removed',
      object: 'column',
      text: 'b',
      affects: ['measure t.b'],
    });
    // That the table was removed is the title already.
    expect(lists[2]?.entities[0]?.details).toEqual([{ kind: '', object: '', text: '', affects: ['source old'] }]);
  });

  it('shows statements by their calls', () => {
    const descriptions = { f1: '9 calls: SELECT 1', f2: '10 calls: SELECT 2' };
    const changes = { added: ['f1', 'f2'], modified: [], deleted: [] };
    const [list] = entityLists({ ...run, changes, descriptions, details: {} }, new Set());
    expect(list?.entities.map(({ name }) => name)).toEqual(['f2', 'f1']);
  });
});

describe('affectedOf', () => {
  const sources = new Set(['orders']);

  it.each([
    ['source orders', { kind: 'source', name: 'orders', source: 'orders' }],
    [
      'measure orders.revenue',
      { kind: 'measure', name: 'orders.revenue', source: 'orders', anchor: 'measure-revenue' },
    ],
    ['segment orders.Paid', { kind: 'segment', name: 'orders.Paid', source: 'orders', anchor: 'segment-~50aid' }],
    ['join orders.a = b.c', { kind: 'join', name: 'orders.a = b.c', source: 'orders' }],
    ['measure gone.revenue', { kind: 'measure', name: 'gone.revenue' }],
  ])('%s', (text, affected) => expect(affectedOf(text, sources)).toEqual(affected));
});

describe('changedNames', () => {
  it('has what may need work first, and names the first changes', () => {
    const tables = [{ schema: 's', name: 't' }];
    expect(changedNames(run, tables)).toEqual([
      { name: 's.old', change: 'deleted', text: '', page: null },
      { name: 's.t', change: 'modified', text: 'column a int added; column b removed; 1 more', page: 's.t' },
      { name: 's.new', change: 'added', text: '', page: null },
    ]);
  });
});

describe('newestRun', () => {
  it('skips dry runs, running ones, and those of other environments', () => {
    const runs = [
      { ...run, runId: '5', dryRun: true },
      { ...run, runId: '4', status: 'running' as const },
      { ...run, runId: '3', environment: 'dev' },
      { ...run, runId: '2', source: 'historic-sql' },
      run,
    ];
    const wanted = { connectionId: 'wh', source: 'live-database', environment: undefined };
    expect(newestRun(runs, wanted)?.runId).toBe('run-1');
    expect(newestRun(runs, { ...wanted, environment: 'dev' })?.runId).toBe('3');
    expect(newestRun(runs, { ...wanted, connectionId: 'other' })).toBeUndefined();
  });
});

describe('names of tables in reports', () => {
  it.each([
    ['main.orders', 'main.orders'],
    ['main."a.b"', 'main.a.b'],
    ['"my db".main."say ""hi"""', 'my db.main.say "hi"'],
    ['main."', 'main."'],
    ['a"b".c', 'a"b".c'],
  ])('%s', (name, plain) => expect(plainName(name)).toBe(plain));

  it('lead to pages that exist', () => {
    const existing = new Set(['main.a.b', 'main."c"']);
    const pages = ['main."a.b"', 'main."c"', 'main.gone'].map((name) => pageOfTable(name, existing));
    expect(pages).toEqual(['main.a.b', 'main."c"', null]);
  });
});
