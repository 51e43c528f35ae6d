import { describe, expect, it } from 'vitest';
import { cutText } from '../../../cli/src/output/cut-text.js';
import { parseColumns } from '../../../cli/src/relationships/columns.js';
import { TableNames } from '../../src/node/table-names.js';
import { formatDuration } from '../../src/pages/history/duration.js';
import { indexTemplates } from '../../src/pages/history/templates.js';
import { groupNotes } from '../../src/pages/notes/data.js';
import { groupItems } from '../../src/pages/relationships/data.js';
import { formatBytes, rowsOf } from '../../src/pages/table/facts.js';
import { visibleChecks, withoutHiddenValues } from '../../src/pages/table/hidden.js';
import { groupUses } from '../../src/pages/table/uses.js';
import { countRows, groupTables } from '../../src/pages/tables/data.js';
import { arrangeTables, nextOrder } from '../../src/pages/tables/order.js';
import { answerCommand, commandText } from '../../src/site/command-line.js';
import { timeOfSync } from '../../src/view/parts/sync-time.js';

const table = (schema: string | null, name: string, columnCount = 1, comment: string | null = null) => ({
  ...{ schema, name, kind: 'table' as const, columnCount, comment },
});

describe('the list of tables', () => {
  const counts = new Map([
    ['sales.orders', { rows: 10, rowsExact: true }],
    ['sales.items', { rows: 9, rowsExact: false }],
  ]);
  const groups = groupTables(
    [
      table('sales', 'orders', 5, 'All\norders'),
      table('hr', 'people', 9),
      table('sales', 'items', 7, 'x'.repeat(500)),
      table('sales', 'empty', 7),
    ],
    counts,
  );

  it('has the rows that were counted or estimated', () => {
    const rows = groups.flatMap(({ tables }) => tables.map((each) => [each.shortName, each.rows, each.rowsExact]));
    expect(rows).toEqual([
      ['people', null, false],
      ['empty', null, false],
      ['items', 9, false],
      ['orders', 10, true],
    ]);
    const profile = { syncId: 's', rows: 3, rowsExact: true };
    expect(countRows({ profile, estimatedRows: 5 })).toEqual({ rows: 3, rowsExact: true });
    expect(countRows({ profile: { ...profile, rows: null }, estimatedRows: 5 })).toEqual({ rows: 5, rowsExact: false });
    expect(countRows({ estimatedRows: null })).toEqual({ rows: null, rowsExact: false });
    const [, sales] = arrangeTables(groups, '', { key: 'rows', descending: true });
    expect(sales?.tables.map(({ shortName }) => shortName)).toEqual(['orders', 'items', 'empty']);
  });

  it('is grouped by schema', () => {
    expect(groups.map(({ schema, tables }) => [schema, tables.map(({ name }) => name)])).toEqual([
      ['hr', ['hr.people']],
      ['sales', ['sales.empty', 'sales.items', 'sales.orders']],
    ]);
    expect(groups[1]?.tables[1]?.comment).toBe(`${'x'.repeat(160)}…`);
    expect(groupTables([table(null, 't')], new Map())).toMatchObject([{ schema: null, tables: [{ name: 't' }] }]);
  });

  it('is filtered by all words of a name or comment, and sorted', () => {
    const names = (...args: Parameters<typeof arrangeTables>) =>
      arrangeTables(...args).flatMap(({ tables }) => tables.map(({ shortName }) => shortName));
    const order = { key: 'columnCount', descending: true } as const;
    expect(names(groups, 'SALES  ORD', order)).toEqual(['orders']);
    expect(names(groups, '', order)).toEqual(['people', 'empty', 'items', 'orders']);
    expect(names(groups, 'none', order)).toEqual([]);
    expect(nextOrder(nextOrder(order, 'shortName'), 'shortName')).toEqual({ key: 'shortName', descending: true });
  });
});

describe('names of tables', () => {
  const names = new TableNames([table('a', 'one'), table('b', 'one'), table('b', 'Two')]);

  it.each([
    ['a.one', 'a.one'],
    ['one', null],
    ['two', 'b.Two'],
    ['B.TWO', 'b.Two'],
    ['other', null],
    ['"b"."Two"', 'b.Two'],
    ['[b].`two`', 'b.Two'],
    ['db.b.two', 'b.Two'],
    ['"a.one"', 'a.one'],
    ['c.two', null],
    ['db.one', null],
    ['', null],
  ])('finds %s', (name, found) => expect(names.resolve(name)).toBe(found));

  it('finds tables of a database without schemas by the name of the database', () => {
    const plain = new TableNames([table(null, 'orders'), table(null, 'a.b')]);
    expect(['main.Orders', '"a.b"', 'main."a.b"'].map((name) => plain.resolve(name))).toEqual(['orders', 'a.b', 'a.b']);
    const both = new TableNames([table('s', 'A'), table('s', 'a')]);
    expect([both.resolve('s.A'), both.resolve('S.A'), both.resolve('db.s.a')]).toEqual(['s.A', null, null]);
  });

  it('index templates by table, each once', () => {
    const template = { fingerprint: 'f', sql: '', tables: ['two', 'b.Two', 'other'], calls: 1 };
    const all = [{ ...template, meanMs: 1, totalMs: 1, rows: 1, callers: {} }];
    expect([...indexTemplates(all, names)]).toEqual([['b.Two', all]]);
  });
});

describe('the review list', () => {
  it('has relationships before keys, those with the greatest score first', () => {
    const end = (name: string) => ({ table: name, columns: ['id'] });
    const link = { from: end('a'), to: end('b'), cardinality: 'many_to_one' as const, evidence: [], declared: false };
    const key = { ...end('c'), evidence: [], declared: false, status: 'review' as const, score: 1 };
    const groups = groupItems(
      {
        relationships: [
          { ...link, status: 'review', score: 0.5 },
          { ...link, status: 'review', score: 0.9 },
          { ...link, status: 'accepted', score: 1, declared: true },
          { ...link, status: 'rejected', score: 0.1 },
        ],
        keys: [key],
      },
      { has: (name) => name === 'a' },
    );
    expect(groups.review.map(({ score, to }) => [score, to?.table])).toEqual([
      [0.9, 'b'],
      [0.5, 'b'],
      [1, undefined],
    ]);
    expect(groups.review[0]).toMatchObject({ linked: { from: true, to: false } });
    expect([groups.accepted, groups.rejected, groups.declared].map(({ length }) => length)).toEqual([0, 1, 1]);
    expect(new Set([groups.review, groups.rejected, groups.declared].flat().map(({ id }) => id)).size).toBe(5);
  });
});

describe('a command', () => {
  it('cannot be left by a name', () => {
    const words = ['ktx', "a'b", '$(x)', 'a b', '`x`', ''];
    expect(commandText(words, 'posix')).toBe(`ktx "a'b" '$(x)' "a b" '\`x\`' ''`);
    expect(commandText(words, 'powershell')).toBe(`ktx 'a''b' '$(x)' "a b" '\`x\`' ''`);
  });

  it('ends the flags before a name that looks like one', () => {
    const from = { table: '-rf', columns: ['id'] };
    const text = commandText(answerCommand('reject', 'w', { from }), 'posix');
    expect(text).toBe('ktx relationships reject --connection-id=w -- -rf.id');
    expect(answerCommand('accept', 'w', { from: { ...from, table: 't' } })).not.toContain('--');
  });

  it.each([
    { table: 'main.orders', columns: ['id'] },
    { table: 'orders', columns: ['a', 'b'] },
    { table: 'orders', columns: ['a.b'] },
    { table: 'orders', columns: ['a]'] },
  ])('names columns as the command line reads them: $table $columns', (columns) => {
    expect(parseColumns(answerCommand('accept', 'w', { from: columns }).at(-1) ?? '')).toEqual(columns);
  });
});

describe('uses of a table', () => {
  it('are grouped by kind, with the pages that exist', () => {
    const pages = { connectionId: 'w', sources: new Set(['a', 'a.b']), hasTable: (name: string) => name === 's.v' };
    const texts = ['view s.v', 'measure a.b.count', 'source a', 'join a.x = b.x', 'measure z.count', 'odd'];
    const groups = groupUses(texts, pages).map(({ kind, uses }) => [kind, uses.map(({ page }) => page)]);
    const source = (name: string) => ({ page: 'source', connectionId: 'w', name });
    expect(groups).toEqual([
      ['source', [source('a')]],
      ['measure', [source('a.b'), null]],
      ['join', [source('a')]],
      ['view', [{ page: 'table', connectionId: 'w', name: 's.v' }]],
      ['', [null]],
    ]);
  });
});

describe('a hidden column', () => {
  const profile = { nulls: 0, nullShare: 0, distinct: 1, distinctExact: true, valuesComplete: false, hidden: true };
  const column = { name: 'Mail', type: 'text', nullable: true, primaryKey: false, comment: null };

  it('has neither a default nor allowed values nor checks', () => {
    const hidden = { ...column, default: "'secret'", enumValues: ['secret'], profile };
    expect(JSON.stringify(withoutHiddenValues(hidden))).not.toContain('secret');
    const checks = ["mail <> 'secret'", 'id > 0'].map((expression) => ({ name: null, expression }));
    expect(visibleChecks({ checks, columns: [hidden] })).toEqual([checks[1]]);
  });

  it('is the only one that is changed', () => {
    const shown = { ...column, default: '1', profile: { ...profile, hidden: false } };
    expect(withoutHiddenValues(shown)).toBe(shown);
  });
});

describe('texts', () => {
  it('are not cut within a character', () => expect(cutText('a😀b', 2)).toBe('a'));

  it('say how the rows are known', () => {
    expect(rowsOf({ estimatedRows: null })).toBe('unknown');
    expect(rowsOf({ estimatedRows: 1234 })).toBe('≈ 1,234');
    const profile = { syncId: 's', rows: 5000, rowsExact: false, sampledRows: 100 };
    expect(rowsOf({ estimatedRows: 1, profile })).toBe('≈ 5,000; profile of a sample of 100 rows');
  });

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1500, '1.5 kB'],
    [999_950, '1.0 MB'],
    [1_234_567_890, '1.2 GB'],
  ])('give %d bytes', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it.each([
    [0, '0 ms'],
    [0.2, '< 1 ms'],
    [8.42, '8.4 ms'],
    [775, '775 ms'],
    [1500, '1.5 s'],
    [930_000, '16 min'],
  ])('give %d milliseconds', (ms, text) => expect(formatDuration(ms)).toBe(text));

  it('give the time of a scan', () => {
    expect(timeOfSync('20261130T065353905Z-8bfab39b')).toBe('2026-11-30 06:53 UTC');
    expect(timeOfSync('other')).toBe('other');
  });
});

describe('the list of notes', () => {
  it('has the top folder first', () => {
    const note = (path: string) => ({ path, title: path });
    const notes = ['notes/a/x.md', 'notes/a/y.md', 'notes/z.md'].map(note);
    expect(groupNotes(notes).map(({ folder, notes: members }) => [folder, members.length])).toEqual([
      ['', 1],
      ['a', 2],
    ]);
  });
});
