import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addQueryFlags, type QueryFlags, readQuery } from '../../../src/sl/query-flags.js';
import { makeIo } from '../../support/io.js';

function queryOf(...argv: string[]) {
  const command = addQueryFlags(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  command.parse(argv, { from: 'user' });
  return readQuery(command.opts<QueryFlags>(), makeIo().io);
}

const measure = ['--measure', 'orders.revenue'];

describe('the flags', () => {
  it.each([
    [
      ['--dimension', 'orders.at:month as at'],
      { dimensions: [{ field: 'orders.at', granularity: 'month', name: 'at' }] },
    ],
    [
      ['--dimension', 'metric_time:fiscal_year'],
      { dimensions: [{ field: 'metric_time', granularity: 'fiscal_year' }] },
    ],
    [['--dimension', 'orders.status as state'], { dimensions: [{ field: 'orders.status', name: 'state' }] }],
    [
      ['--dimension', 'bin(orders.amount, 10) as size'],
      { dimensions: [{ expr: 'bin(orders.amount, 10)', name: 'size' }] },
    ],
    [['--dimension', 'orders.odd:name'], { dimensions: ['orders.odd:name'] }],
    [
      [...measure, '--measure', 'count(orders.id) as n', '--measure', 'revenue / n as each'],
      { measures: ['orders.revenue', { expr: 'count(orders.id)', name: 'n' }, { expr: 'revenue / n', name: 'each' }] },
    ],
    [[...measure, '--limit', '5', '--offset', '0'], { measures: ['orders.revenue'], limit: 5, offset: 0 }],
    [
      [...measure, '--fill-gaps', '--time-zone', 'UTC'],
      { measures: ['orders.revenue'], fill_gaps: true, time_zone: 'UTC' },
    ],
    [
      [...measure, '--path', 'nation=customer.nation', '--path', 'x = y'],
      { measures: ['orders.revenue'], paths: { nation: 'customer.nation', x: 'y' } },
    ],
    [
      [...measure, '--param', 'day=2026-01-01', '--param', 'ids=[1,"a"]', '--param', 'n="5"', '--param', 'b=true'],
      { measures: ['orders.revenue'], parameters: { day: '2026-01-01', ids: [1, 'a'], n: '5', b: true } },
    ],
    [[...measure, '--top', '3'], { measures: ['orders.revenue'], top: { by: 'orders.revenue', limit: 3 } }],
    [
      [...measure, '--top', '3', '--top-by', 'n:asc', '--top-per', 'region', '--others'],
      {
        measures: ['orders.revenue'],
        top: { by: 'n', limit: 3, direction: 'asc', per: ['region'], others: true },
      },
    ],
  ])('%j make up a query', async (argv, query) => {
    expect(await queryOf(...argv)).toEqual(query);
  });

  it.each([
    [[...measure, '--top-by', 'n'], '--top-by says how to choose the first groups'],
    [[...measure, '--others'], '--others says how to choose the first groups'],
    [[...measure, '--measure', 'b.n', '--top', '3'], 'The query has no single measure to choose the first groups by'],
    [[...measure, '--path', 'nation'], '--path has no name and value: nation'],
    [[...measure, '--param', 'id=12345678901234567890'], 'The number of --param id has too many digits'],
    [['--limit', '5'], 'The query selects nothing'],
  ])('%j are rejected', async (argv, message) => {
    await expect(queryOf(...argv)).rejects.toMatchObject({ code: 'KTX_ARGUMENT_INVALID', message });
  });

  it('exclude a file with a query', () => {
    expect(() => queryOf('--query-file', 'q.yaml', '--time-zone', 'UTC')).toThrow("'--time-zone <zone>'");
  });
});
