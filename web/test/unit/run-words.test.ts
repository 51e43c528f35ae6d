import type { KtxTableChange } from '@kaelio/ktx';
import { describe, expect, it } from 'vitest';
import {
  bytesInWords,
  changeInWords,
  diffInWords,
  durationInWords,
  kindOfRun,
  leftOutInWords,
  profileInWords,
  relationshipsInWords,
  reportCommand,
} from '../../src/site/run-words.js';

const scan = { source: 'live-database', status: 'done' } as const;
const counts = { added: 0, modified: 0, deleted: 0, unchanged: 0 };

describe('diffInWords', () => {
  it.each([
    [
      { ...counts, added: 1, modified: 2, deleted: 1, unchanged: 6 },
      '1 table added, 2 modified, 1 deleted; 6 unchanged',
    ],
    [{ ...counts, deleted: 1200 }, '1,200 tables deleted'],
    [{ ...counts, unchanged: 8 }, 'Nothing changed: all 8 unchanged'],
    [counts, 'Nothing found'],
  ])('%j', (diff, words) => expect(diffInWords({ ...scan, counts: diff })).toBe(words));

  it('names what an adapter stages, and runs that are not done', () => {
    const added = { ...counts, added: 2 };
    expect(diffInWords({ source: 'historic-sql', status: 'done', counts: added })).toBe('2 statements added');
    expect(diffInWords({ source: 'looker', status: 'done', counts: { ...counts, added: 1 } })).toBe('1 entity added');
    expect(diffInWords({ ...scan, status: 'failed', counts })).toBe('Failed');
    expect(diffInWords({ ...scan, status: 'running', counts })).toBe('Running');
  });
});

describe('changeInWords', () => {
  const change = (kind: KtxTableChange['kind'], object: KtxTableChange['object'], text: string) =>
    Object.values(changeInWords({ kind, object, name: null, text }))
      .filter((word) => word !== '')
      .join(' ');

  it.each([
    [change('added', 'column', '+ phone text'), 'added column phone text'],
    [change('removed', 'column', '- fax'), 'removed column fax'],
    [
      change('changed', 'column', '~ cost numeric(10,2) → numeric(14,4)'),
      'changed column cost numeric(10,2) → numeric(14,4)',
    ],
    [
      change('renamed', 'column', 'rename? fax → phone (same type and position)'),
      'renamed? column fax → phone (same type and position)',
    ],
    [change('added', 'index', '+ index a (b) unique'), 'added index a (b) unique'],
    [change('added', 'foreign_key', '+ foreign key (a) → b (c)'), 'added foreign key (a) → b (c)'],
    [change('changed', 'table', '~ comment none → x'), 'changed comment none → x'],
    [change('omitted', 'table', '… and 2 more changes'), 'more and 2 more changes'],
    // A name may begin like a sign.
    [change('added', 'column', '+ - x int'), 'added column - x int'],
  ])('%s', (words, expected) => expect(words).toBe(expected));
});

it('names kinds of runs', () => {
  expect(kindOfRun({ source: 'live-database', mode: 'structural' })).toBe('Scan of tables, columns and keys');
  expect(kindOfRun({ source: 'live-database', mode: 'relationships' })).toBe('Scan with profiles and relationships');
  expect(kindOfRun({ source: 'live-database', mode: null })).toBe('Scan');
  expect(kindOfRun({ source: 'looker', mode: null })).toBe('Ingest of looker');
});

it('describes durations and sizes', () => {
  expect([315, 999, 1234, 59_960, 125_000].map(durationInWords)).toEqual([
    '315 ms',
    '999 ms',
    '1.2 s',
    '1 min 0 s',
    '2 min 5 s',
  ]);
  expect([0, 512, 1536, 1_610_612_736].map(bytesInWords)).toEqual(['0 bytes', '512 bytes', '1.5 KiB', '1.5 GiB']);
});

it('describes profiles, relationships and what was left out', () => {
  const table = { table: 'a', reason: 'denied' };
  const profile = { profiled: 8, sampled: 1, unread: [table], skipped: [], seconds: 0.25, statements: 16, bytes: 2048 };
  expect(profileInWords(profile)).toBe(
    '8 tables in 0.3 s by 16 statements, 1 on a sample, 2 KiB read, 1 could not be read',
  );
  expect(relationshipsInWords({ accepted: 8, review: 1, rejected: 0, keys: 1 })).toBe(
    '8 accepted, 1 to review, 0 rejected; 1 key',
  );
  expect(leftOutInWords({ tables: 1, columns: 0, templates: 2 })).toBe('1 table, 2 statements');
});

it('proposes the command with the report', () => {
  expect(reportCommand({ source: 'live-database', runId: 'run-1' }, '--all')).toEqual(
    'ktx scan report run-1 --all'.split(' '),
  );
  expect(reportCommand({ source: 'looker', runId: 'run-1' })).toEqual(['ktx', 'ingest', 'report', 'run-1']);
});
