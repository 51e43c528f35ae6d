import { describe, expect, it } from 'vitest';
import { semanticQuery, semanticSource } from '../../../src/mcp/semantic-schemas.js';

const measure = { name: 'n', expr: 'sum(amount)' };
const source = { name: 'orders', table: 'orders' };

/** Paths and messages of the issues. */
function problems(result: { error?: { issues: { path: PropertyKey[]; message: string }[] } | undefined }): string[] {
  return (result.error?.issues ?? []).map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));
}

describe('an unknown key', () => {
  it.each([
    [{ filter: [] }, 'Unknown key filter; did you mean filters?'],
    [{ orderBy: [] }, 'Unknown key orderBy; did you mean order_by?'],
    [{ segment: [] }, 'Unknown key segment; did you mean segments?'],
    [{ where: [] }, 'Unknown key where; did you mean filters?'],
    [{ skip: 1 }, /^Unknown key skip; expected one of measures, dimensions, filters, segments, order_by, limit, /],
    [{ timezone: 'UTC', skip: 1 }, /^Unknown key timezone; did you mean time_zone\?; Unknown key skip; expected /],
    [{ measures: [{ ...measure, filters: 'x' }] }, 'measures.0: Unknown key filters; expected one of expr, name'],
    [
      { dimensions: [{ field: 'a.b', granularty: 'day' }] },
      'dimensions.0: Unknown key granularty; did you mean granularity?',
    ],
    [{ order_by: [{ field: 'a.b', dir: 'asc' }] }, 'order_by.0: Unknown key dir; expected one of field, direction'],
  ])('in the query %j is reported with a similar key', (query, message) => {
    expect(problems(semanticQuery.safeParse(query))).toEqual([
      typeof message === 'string' ? message : expect.stringMatching(message),
    ]);
  });

  it.each([
    [{ descriptions: {} }, 'Unknown key descriptions; did you mean description?'],
    [{ grian: [] }, 'Unknown key grian; did you mean grain?'],
    [{ measures: [{ ...measure, filters: 'x' }] }, 'measures.0: Unknown key filters; did you mean filter?'],
    [{ columns: [{ name: 'a', type: 'time', sql: 'b' }] }, /^columns.0: Unknown key sql; expected one of name, type, /],
    [{ segments: [{ name: 'a', expr: 'b', name_: 1 }] }, 'segments.0: Unknown key name_; did you mean name?'],
    [{ ['x'.repeat(9_000)]: 1 }, /^Unknown key x{80}; expected one of /],
  ])('in the source %j is reported with a similar key', (keys, message) => {
    expect(problems(semanticSource.safeParse({ ...source, ...keys }))).toEqual([
      typeof message === 'string' ? message : expect.stringMatching(message),
    ]);
  });
});

describe('an invalid value', () => {
  it('is reported with the allowed values', () => {
    const [found] = problems(semanticQuery.safeParse({ dimensions: [{ field: 'a.b', granularity: 'Month' }] }));
    expect(found).toMatch(
      /^dimensions\.0: granularity: .*"second"\|"minute"\|.*\|"fiscal_year"\|.*\|"quarter_of_year"/,
    );
    const [type] = problems(semanticSource.safeParse({ ...source, columns: [{ name: 'a', type: 'text' }] }));
    expect(type).toMatch(/^columns\.0\.type: .*"string"\|"number"\|"time"\|"boolean"/);
  });

  it('is reported if it is neither a string nor an object', () => {
    expect(problems(semanticQuery.safeParse({ measures: [5] }))).toEqual(['measures.0: Invalid input']);
  });
});

it('valid arguments are returned unchanged', () => {
  const query = {
    measures: ['a.b', measure],
    dimensions: [{ field: 'a.c', granularity: 'day' }],
    order_by: ['a.b:desc'],
  };
  expect(semanticQuery.parse(query)).toEqual(query);
  const full = {
    ...source,
    grain: ['id'],
    measures: [{ ...measure, filter: 'a > 1', segments: [] }],
    description: 'x',
  };
  expect(semanticSource.parse(full)).toEqual(full);
});
