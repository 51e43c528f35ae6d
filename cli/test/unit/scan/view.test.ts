import type { KtxTableChange } from '@kaelio/ktx';
import { describe, expect, it } from 'vitest';
import { changesTable } from '../../../src/runs/view.js';
import { renderPrune, scanViews } from '../../../src/scan/view.js';
import { styleOf } from '../../../src/terminal/style.js';
import { makeIo } from '../../support/io.js';
import { scanReport } from '../../support/reports.js';

const plain = styleOf(makeIo().io);
const { renderReport, renderRun, runsTable } = scanViews;

describe('renderRun', () => {
  it('prints the connection, the duration, the changes and the folder', async () => {
    const report = scanReport({
      diffSummary: { added: 1, modified: 1, deleted: 1, unchanged: 7 },
      changes: { added: ['public.a'], modified: ['public.m'], deleted: ['public.d'] },
    });
    expect(await renderRun(report, plain)).toBe(
      [
        'Scanned warehouse in 1.5 s',
        '+1 added  ~1 modified  -1 deleted  =7 unchanged',
        '  + public.a',
        '  ~ public.m',
        '  - public.d',
        '',
        'Staged in  raw-sources/warehouse/live-database/20260511T120000Z-a1',
        'Run        run-1',
        '',
      ].join('\n'),
    );
  });

  it('truncates a long list of names and prints how many more there are', async () => {
    const added = Array.from({ length: 25 }, (_, index) => `public.t${index}`);
    const text = await renderRun(
      scanReport({
        diffSummary: { added: 25, modified: 0, deleted: 0, unchanged: 0 },
        changes: { added, modified: [], deleted: [] },
      }),
      plain,
    );
    expect(text).toContain('  + public.t9\n  + … and 15 more\n');
    expect(text).not.toContain('public.t10');
  });

  it('prints that nothing changed', async () => {
    const report = scanReport({
      diffSummary: { added: 0, modified: 0, deleted: 0, unchanged: 16 },
      changes: { added: [], modified: [], deleted: [] },
    });
    expect(await renderRun(report, plain)).toContain('Nothing changed since the last scan: all 16 unchanged\n');
  });

  it('prints how tables were profiled, and the changes of profiles on one line each', async () => {
    const unprofiled = { table: 'public.a', reason: 'no right to read it' };
    const report = scanReport({
      profile: {
        profiled: 12,
        sampled: 2,
        unread: [{ table: 'public.b', reason: 'locked\n' }, unprofiled, { ...unprofiled, table: 'public.c' }],
        skipped: [],
        seconds: 3.25,
        statements: 24,
        bytes: 1536,
      },
      profileChanges: [{ table: 'public.orders', column: 'status', text: 'new value "x"\n\u001b[2J' }],
    });
    const text = await renderRun(report, plain);
    expect(text).toContain(
      '\nProfile changes\n  public.orders.status: new value "x" [2J\n\nProfiles      12 tables in 3.3 s',
    );
    expect(text).toContain(' by 24 statements, 2 on a sample, 1.5 KiB read, 3 could not be read\n');
    expect(text).toContain('\nNot profiled  2 tables: no right to read it; 1 table: locked \n');
    const recorded = await renderReport(report, { all: true, withWarnings: true }, plain);
    expect(recorded).toContain('\nNot profiled\n  public.b: locked \n  public.a: no right to read it\n');
  });

  it('prints how many relationships were detected, and the command that lists those to review', async () => {
    const report = scanReport({
      connectionId: 'my shop',
      relationships: { accepted: 5, review: 2, rejected: 0, keys: 1 },
    });
    const counts = 'Relationships  5 accepted, 2 to review, 0 rejected; 1 key';
    expect(await renderRun(report, plain)).toContain(
      `${counts}. Review with: ktx relationships list --status review --connection-id "my shop"\n`,
    );
    const none = scanReport({ relationships: { accepted: 5, review: 0, rejected: 0, keys: 1 } });
    expect(await renderRun(none, plain)).toContain(`${counts.replace('2 to', '0 to')}\n`);
  });

  it('prints no folder after a dry run', async () => {
    const text = await renderRun(scanReport({ dryRun: true }), plain);
    expect(text).toContain('Dry run: nothing was staged\n');
    expect(text).not.toContain('raw-sources');
  });
});

describe('runsTable', () => {
  it('lists runs, with the reason of failed ones', async () => {
    const failed = scanReport({ runId: 'run-2', status: 'failed', finishedAt: null, error: 'interrupted' });
    expect(runsTable([scanReport(), failed], plain).rows).toEqual([
      ['run-1', 'warehouse', 'done', '2026-05-11T12:00:00.000Z', '1.5 s', '+2 ~0 -0 =0'],
      ['run-2', 'warehouse', 'failed', '2026-05-11T12:00:00.000Z', '', 'interrupted'],
    ]);
  });

  it('says how to start if there are none', () => {
    expect(runsTable([], plain).empty).toBe('No scans yet: start one with ktx scan ID\n');
  });
});

describe('renderReport', () => {
  const added = Array.from({ length: 25 }, (_, index) => `public.t${index}`);
  const many = scanReport({
    diffSummary: { added: 25, modified: 0, deleted: 0, unchanged: 0 },
    changes: { added, modified: [], deleted: [] },
    warnings: added.map((name) => `${name} has no columns`),
  });

  it('lists the first changes and warnings, then their number', async () => {
    const text = await renderReport(many, { all: false, withWarnings: true }, plain);
    expect(text).toContain('  + public.t9\n  + … and 15 more\n');
    expect(text).toContain('  public.t9 has no columns\n  … and 15 more\n');
    expect(text).not.toContain('Work to do');
    expect(await renderReport(many, { all: false, withWarnings: false }, plain)).not.toContain('Warnings');
  });

  it('lists everything with --all', async () => {
    const text = await renderReport(many, { all: true, withWarnings: true }, plain);
    expect(text).toContain('  + public.t24\n');
    expect(text).toContain('Work to do\n  public: public.orders, public.stores\n');
    expect(text).toContain('  public.t24 has no columns\n');
    expect(text).not.toContain('more');
  });

  it('prints the reason of a failed run, and no changes', async () => {
    const report = scanReport({ status: 'failed', error: 'The server refused the connection' });
    const text = await renderReport(report, { all: true, withWarnings: true }, plain);
    expect(text).toContain('Error       The server refused the connection\n');
    expect(text).not.toContain('added');
  });
});

describe('the changes of a table', () => {
  const change = (text: string, affects?: string[]): KtxTableChange => ({
    ...{ kind: 'added', object: 'column', name: 'x', text },
    ...(affects && { affects }),
  });
  const changed = (details: KtxTableChange[]) =>
    scanReport({
      diffSummary: { added: 0, modified: 1, deleted: 0, unchanged: 0 },
      changes: { added: [], modified: ['public.m'], deleted: [] },
      details: { 'public.m': details },
    });

  it('are below its name, with what they affect', async () => {
    const report = changed([change('+ phone text'), change('- fax', ['source m', 'measure m.faxes'])]);
    expect(await renderRun(report, plain)).toContain(
      '  ~ public.m\n      + phone text\n      - fax (affects source m, measure m.faxes)\n\n',
    );
  });

  it('are limited without --all, in the space of a terminal', async () => {
    const report = changed(
      Array.from({ length: 9 }, (_, index) => change(`+ c${index}\u001b[2J`, ['1', '2', '3', '4', '5'])),
    );
    const short = await renderReport(report, { all: false, withWarnings: false }, plain);
    expect(short).toContain('+ c5 [2J (affects 1, 2, 3, 4, 1 more)\n      … and 3 more\n');
    const all = await renderReport(report, { all: true, withWarnings: false }, plain);
    expect(all).toContain('+ c8 [2J (affects 1, 2, 3, 4, 5)\n');
  });
});

describe('renderPrune', () => {
  const removed = [{ connectionId: 'shop', syncId: 's-1', bytes: 2048 }];

  it('says how many scans and bytes were removed, or would be', () => {
    const pruned = { removed, bytes: 2048, kept: 3 };
    expect(renderPrune(pruned, false)).toBe('Removed 1 scan, 2 KiB; 3 kept:\n  shop s-1\n');
    expect(renderPrune(pruned, true)).toBe('Would remove 1 scan, 2 KiB; 3 kept:\n  shop s-1\n');
    expect(renderPrune({ removed: [], bytes: 0, kept: 1 }, false)).toBe('Nothing to remove: 1 scan kept\n');
  });
});

describe('changesTable', () => {
  it('has a row for each change, with the description of an entity whose name is a hash', () => {
    const changes = { added: ['a'], modified: ['m'], deleted: ['d'] };
    expect(changesTable(scanReport({ changes })).rows).toEqual([
      ['added', 'a'],
      ['modified', 'm'],
      ['deleted', 'd'],
    ]);
    const described = changesTable(scanReport({ changes, descriptions: { a: '3 calls' } }));
    expect(described.columns.map(({ title }) => title)).toEqual(['CHANGE', 'NAME', 'DESCRIPTION']);
    expect(described.rows[0]).toEqual(['added', 'a', '3 calls']);
  });
});
