import { describe, expect, it } from 'vitest';
import { renderReport, renderRuns, renderScan } from '../../../src/scan/view.js';
import { styleOf } from '../../../src/terminal/style.js';
import { makeIo } from '../../support/io.js';
import { scanReport } from '../../support/reports.js';

const plain = styleOf(makeIo().io);

describe('renderScan', () => {
  it('prints the connection, the duration, the changes and the folder', async () => {
    const report = scanReport({
      diffSummary: { added: 1, modified: 1, deleted: 1, unchanged: 7 },
      changes: { added: ['public.a'], modified: ['public.m'], deleted: ['public.d'] },
    });
    expect(await renderScan(report, plain)).toBe(
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
    const text = await renderScan(
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
    expect(await renderScan(report, plain)).toContain('Nothing changed since the last scan: all 16 unchanged\n');
  });

  it('prints no folder after a dry run', async () => {
    const text = await renderScan(scanReport({ dryRun: true }), plain);
    expect(text).toContain('Dry run: nothing was staged\n');
    expect(text).not.toContain('raw-sources');
  });
});

describe('renderRuns', () => {
  it('lists runs, with the reason of failed ones', async () => {
    const failed = scanReport({ runId: 'run-2', status: 'failed', finishedAt: null, error: 'interrupted' });
    const text = await renderRuns([scanReport(), failed], plain);
    expect(text.split('\n').slice(1, 3)).toEqual([
      'run-1  warehouse   done    2026-05-11T12:00:00.000Z  1.5 s  +2 ~0 -0 =0',
      'run-2  warehouse   failed  2026-05-11T12:00:00.000Z         interrupted',
    ]);
  });

  it('prints how to start if there are none', async () => {
    expect(await renderRuns([], plain)).toBe('No scans yet: start one with ktx scan ID\n');
  });
});

describe('renderReport', () => {
  it('lists every change and every work unit if complete', async () => {
    const added = Array.from({ length: 25 }, (_, index) => `public.t${index}`);
    const report = scanReport({
      diffSummary: { added: 25, modified: 0, deleted: 0, unchanged: 0 },
      changes: { added, modified: [], deleted: [] },
      warnings: ['a table without columns'],
    });
    const complete = await renderReport(report, { complete: true }, plain);
    const brief = await renderReport(report, { complete: false }, plain);
    expect(complete).toContain('public.t24');
    expect(complete).toContain('Work to do\n  public: public.orders, public.stores\n');
    expect(complete).toContain('Warnings\n  a table without columns\n');
    expect(brief).not.toContain('public.t24');
  });

  it('prints the reason of a failed run, and no changes', async () => {
    const report = scanReport({ status: 'failed', error: 'The server refused the connection' });
    const text = await renderReport(report, { complete: true }, plain);
    expect(text).toContain('Error       The server refused the connection\n');
    expect(text).not.toContain('added');
  });
});
