import type { KtxSemanticSource } from '@kaelio/ktx';
import { expect, it } from 'vitest';
import { hiddenNames, namesAny, visibleParts } from '../../src/node/visible-parts.js';

const source: KtxSemanticSource = {
  name: 'customers',
  table: 'customers',
  columns: [
    { name: 'id', type: 'number' },
    { name: 'Email', type: 'string' },
    { name: 'domain', type: 'string', expr: "split_part(EMAIL, '@', 2)" },
    { name: 'emails', type: 'number', measure: 'mails.count' },
    { name: 'secret', type: 'string', visibility: 'hidden' },
  ],
  measures: [
    { name: 'count', expr: 'count(*)' },
    { name: 'reachable', expr: 'count(distinct email)' },
  ],
  segments: [{ name: 'known', expr: '"email" is not null' }],
};

const names = (parts: { name: string }[]) => parts.map(({ name }) => name);
const table = (...columns: string[]) => ({ columns: columns.map((name) => ({ name })) }) as never;

it('leaves out what the table does not show, and what reads it', () => {
  const { columns, measures, segments } = visibleParts(source, table('ID', 'secret'));
  expect([names(columns), names(measures), names(segments)]).toEqual([['id', 'emails'], ['count'], []]);
});

it('has all public parts of a table with all columns, and of a query', () => {
  for (const known of [table('id', 'email', 'secret'), undefined]) {
    const { columns, measures, segments } = visibleParts(source, known);
    expect(names(columns)).toEqual(['id', 'Email', 'domain', 'emails']);
    expect([measures.length, segments.length]).toEqual([2, 1]);
  }
});

it('compares whole words', () => {
  expect(hiddenNames(source, table('id', 'secret'))).toEqual(new Set(['email']));
  expect(namesAny('an e_mail, emails', new Set(['email']))).toBe(false);
  expect(namesAny('"EMAIL"', new Set(['email']))).toBe(true);
});
