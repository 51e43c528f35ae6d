/** Which chart fits a result, and what it leaves out. */

import type { KtxSemanticQueryResult } from '@kaelio/ktx';
import { describe, expect, it } from 'vitest';
import type { LineChart } from '../../src/pages/query/chart/chart-spec.js';
import { chooseChart } from '../../src/pages/query/chart/choose.js';
import { tickLabels, timeLabels } from '../../src/pages/query/chart/ticks.js';
import { parseTime } from '../../src/pages/query/chart/times.js';
import { readNumber, textOf } from '../../src/pages/query/chart/values.js';

interface Column {
  name: string;
  granularity?: string;
  measure?: boolean;
  type?: string;
}

function answer(columns: Column[], rows: unknown[][]): KtxSemanticQueryResult {
  return {
    connectionId: 'shop',
    sql: '',
    dialect: 'sqlite',
    columns: columns.map(({ name, granularity = null, measure = false }) => ({
      name,
      alias: name,
      provenance: measure ? 'verified' : 'dimension',
      expr: name,
      granularity: granularity as never,
    })),
    plan: {} as never,
    result: {
      connectionId: 'shop',
      columns: columns.map(({ name, type = null }) => ({ name, type })),
      rows,
      rowCount: rows.length,
      truncated: false,
    },
  };
}

const month: Column = { name: 'month', granularity: 'month' };
const city: Column = { name: 'city' };
const n: Column = { name: 'n', measure: true };
const m: Column = { name: 'm', measure: true };

function choose(columns: Column[], rows: unknown[][], isTime = (_: string) => false) {
  return chooseChart(answer(columns, rows), { isTime, unitOf: (measure) => ({ n: 'EUR', city: 'none' })[measure] });
}

it('has the unit of its measure', () => {
  const charts = (columns: Column[], row: unknown[]) => choose(columns, [row]).options.flatMap((each) => each.charts);
  expect(charts([month, n], ['2025-01-01', 1])).toMatchObject([{ kind: 'line', unit: 'EUR' }]);
  expect(charts([month, m], ['2025-01-01', 1])[0]).not.toHaveProperty('unit');
  expect(charts([city, n, m], ['A', 1, 2])).toMatchObject([
    { kind: 'scatter', xUnit: 'EUR' },
    { kind: 'bars', unit: 'EUR' },
    { kind: 'bars', measure: 'm' },
  ]);
});

function kinds(columns: Column[], rows: unknown[][]): string[] | string | undefined {
  const { options, reason } = choose(columns, rows);
  return options.length > 0 ? options.map(({ kind }) => kind) : reason;
}

describe('the kind of chart', () => {
  it('is lines over time, one for each value of one more dimension', () => {
    const { options } = choose(
      [month, city, n],
      [
        ['2025-01-01', 'A', 1],
        ['2025-02-01', 'A', 2],
        ['2025-01-01', null, 3],
      ],
    );
    const chart = options[0]?.charts[0] as LineChart;
    expect(chart.series.map(({ name, points }) => [name, points.length])).toEqual([
      ['A', 2],
      ['NULL', 1],
    ]);
  });

  it('is bars for one category, in the order of the result', () => {
    const { options } = choose(
      [city, n],
      [
        ['B', 1],
        [null, null],
        ['A', 3],
      ],
    );
    expect(options.map(({ kind }) => kind)).toEqual(['bars']);
    expect(options[0]?.charts[0]).toMatchObject({
      bars: [{ name: 'B' }, { name: 'NULL', isNull: true, value: null }, { name: 'A' }],
    });
  });

  it('is points for two measures without a time', () => {
    expect(kinds([city, n, m], [['A', 1, 2]])).toEqual(['scatter', 'bars']);
    expect(kinds([city, month, n, m], [['A', '2025-01-01', 1, 2]])).toEqual(['line']);
    expect(kinds([city, { name: 'b' }, n, m], [['A', 'B', 1, 2]])).toEqual(['scatter']);
  });

  it('is none with a reason otherwise', () => {
    expect(kinds([city, n], [])).toBe('There are no rows');
    expect(kinds([n], [[1]])).toContain('One row');
    expect(kinds([city], [['A']])).toBe('No measure is selected');
    expect(kinds([city, n], [['A', 'text']])).toBe('No measure has numbers');
    expect(kinds([city, { name: 'b' }, n], [['A', 'B', 1]])).toContain('several dimensions');
    const many = Array.from({ length: 9 }, (_, index) => ['2025-01-01', `c${index}`, 1]);
    expect(kinds([month, city, n], many)).toContain('9 values');
    expect(kinds([month, { name: 'year', granularity: 'year' }, n], [['2025-01-01', '2025-01-01', 1]])).toContain(
      'several times',
    );
  });

  it('takes parts of times as categories, and times of the model without a granularity as times', () => {
    expect(kinds([{ name: 'day', granularity: 'day_of_week' }, n], [[1, 5]])).toEqual(['bars']);
    const raw = choose([{ name: 'orders.at' }, n], [['2025-01-01T10:00:00', 5]], (field) => field === 'orders.at');
    expect(raw.options[0]?.kind).toBe('line');
  });
});

describe('what a chart draws', () => {
  it('has gaps for NULL and for periods without a row', () => {
    const { options } = choose(
      [month, n],
      [
        ['2025-01-01', 1],
        ['2025-02-01', 2],
        ['2025-04-01', 3],
        ['2025-05-01', null],
        ['2025-06-01', 0],
      ],
    );
    const [series] = (options.at(0)?.charts.at(0) as LineChart | undefined)?.series ?? [];
    expect(series?.points.map((point) => point?.value.number ?? null)).toEqual([1, 2, null, 3, null, 0]);
  });

  it('has one axis for all measures', () => {
    const { options } = choose(
      [month, n, m],
      [
        ['2025-01-01', 1, null],
        ['2025-02-01', null, 1],
      ],
    );
    const ranges = options[0]?.charts.map((chart) => (chart as LineChart).range);
    expect(ranges).toEqual([0, 1].map(() => [Date.UTC(2025, 0, 1), Date.UTC(2025, 1, 1)]));
  });

  it('keeps all digits of numbers beyond a double', () => {
    const { options } = choose([city, n], [['A', '12345678901234567890.12']]);
    expect(options[0]?.charts[0]).toMatchObject({ bars: [{ value: { text: '12345678901234567890.12' } }] });
  });

  it('takes no texts of digits for numbers', () => {
    expect(choose([city, { ...n, type: 'VARCHAR' }], [['A', '8001']]).reason).toBe('No measure has numbers');
  });

  it('says which rows and measures it leaves out', () => {
    const rows = [
      ['2025-01-01', 1, 'a'],
      [null, 2, 'b'],
    ];
    expect(choose([month, n, m], rows).notes).toEqual([
      'm has no numbers, and is in the table only',
      '1 row without a time is in the table only',
    ]);
  });
});

it('shows the digits of numbers that are exact, as `ktx sl query` does', () => {
  expect(readNumber(5614.269999999998)).toEqual({ number: 5614.269999999998, text: '5614.27' });
  expect([0.1 + 0.2, 2 ** 53, 1e21, '12345678901234567.89'].map(textOf)).toEqual([
    '0.3',
    '9007199254740992',
    '1e+21',
    '12345678901234567.89',
  ]);
});

describe('times and ticks', () => {
  it('reads dates and times of ISO 8601', () => {
    expect(parseTime('2025-03-01')).toBe(Date.UTC(2025, 2, 1));
    expect(parseTime('2025-03-01 12:30:00')).toBe(Date.UTC(2025, 2, 1, 12, 30));
    expect(parseTime('2025-03-01T12:30:00.250+02:00')).toBe(Date.UTC(2025, 2, 1, 10, 30, 0, 250));
    expect(parseTime('2025')).toBeUndefined();
    expect(parseTime(2025)).toBeUndefined();
  });

  it('labels ticks so that they differ', () => {
    expect(tickLabels([0, 500_000, 1_000_000])).toEqual(['0', '0.5M', '1.0M']);
    expect(tickLabels([1_000_000, 1_000_100, 1_000_200])).toEqual(['1.0000M', '1.0001M', '1.0002M']);
    expect(tickLabels([0, 2, 4])).toEqual(['0', '2', '4']);
    expect(tickLabels([-0.5, 0, 0.5])).toEqual(['-0.5', '0', '0.5']);
    expect(tickLabels([0, 1000, 2000])).toEqual(['0', '1,000', '2,000']);
    expect(tickLabels([0, 1e16])).toEqual(['0', '1e+16']);
  });

  it('labels times, with the year or day where it changes', () => {
    const times = (...texts: string[]) => timeLabels(texts.map((text) => new Date(`${text}Z`)));
    expect(times('2024-11-01T00:00', '2024-12-01T00:00', '2025-01-01T00:00')).toEqual([
      { label: 'Nov', context: '2024' },
      { label: 'Dec' },
      { label: 'Jan', context: '2025' },
    ]);
    expect(times('2024-01-01T00:00', '2025-01-01T00:00')).toEqual([{ label: '2024' }, { label: '2025' }]);
    expect(times('2024-01-01T22:00', '2024-01-02T00:00')).toEqual([
      { label: '22:00', context: '1 Jan 2024' },
      { label: '00:00', context: '2 Jan 2024' },
    ]);
    expect(times('2024-02-28T00:00', '2024-02-29T00:00')[1]).toEqual({ label: '29 Feb' });
  });
});
