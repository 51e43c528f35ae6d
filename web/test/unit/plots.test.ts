import type { KtxColumnProfile } from '@kaelio/ktx';
import { describe, expect, it } from 'vitest';
import { numberAxis, timeAxis, timeOf } from '../../src/pages/table/axis.js';
import { plotColumn } from '../../src/pages/table/plots.js';

const column = (profile: Partial<KtxColumnProfile>): KtxColumnProfile => ({
  ...{ nulls: 0, nullShare: 0, distinct: 2, distinctExact: true, valuesComplete: false, hidden: false },
  ...profile,
});
const table = { syncId: 's', rows: 100, rowsExact: true };

describe('the axis of numbers', () => {
  it('ends at round numbers', () => {
    expect(numberAxis(3, 97, 50)).toEqual({
      ...{ kind: 'number', from: 0.03, to: 0.97, mean: 0.5 },
      ticks: [
        { at: 0, label: '0' },
        { at: 0.5, label: '50' },
        { at: 1, label: '100' },
      ],
    });
  });

  it('leaves out every second label of many ticks, and labels that are too long', () => {
    const labels = (min: number, max: number) => numberAxis(min, max)?.ticks.map(({ label }) => label);
    expect(labels(0, 4)?.length).toBeLessThanOrEqual(5);
    expect(labels(-1e6, 5e6)).toEqual(['-2e6', '0', '2e6', '4e6', '6e6'].map((text, index) => (index % 2 ? '' : text)));
    expect(labels(2 ** 53, 2 ** 53 + 60)?.every((label) => label === '')).toBe(true);
  });

  it.each([
    ['equal ends', 5, 5],
    ['reversed ends', 6, 5],
    ['no number', Number.NaN, 5],
    ['a width beyond all numbers', -1.7e308, 1.7e308],
  ])('does not exist for %s', (_, min, max) => expect(numberAxis(min, max)).toBeUndefined());

  it('leaves out a mean beyond the range', () => expect(numberAxis(0, 1, 2)).not.toHaveProperty('mean'));
});

describe('the axis of times', () => {
  const labels = (from: string, to: string) =>
    timeAxis(Date.parse(from), Date.parse(to))
      ?.ticks.map(({ label }) => label)
      .filter(Boolean);

  it('is labelled with what tells the ticks apart', () => {
    expect(labels('1990-01-01', '2020-01-01')).toContain('2000');
    expect(labels('2024-01-10', '2024-09-18')).toEqual(['2024-01', '2024-04', '2024-07', '2024-10']);
    expect(labels('2024-01-01', '2024-01-10')).toContain('01-04');
    expect(labels('2024-01-01T00:00:00Z', '2024-01-01T09:00:00Z')).toContain('06:00');
  });
});

describe('a time', () => {
  it.each([
    ['2025-01-03', '2025-01-03T00:00:00.000Z'],
    ['2025-01-03 06:12:22', '2025-01-03T06:12:22.000Z'],
    ['2025-01-03T06:12:22.123456Z', '2025-01-03T06:12:22.123Z'],
    ['2025-01-03 06:12:22+02', '2025-01-03T04:12:22.000Z'],
    ['2025-01-03 06:12:22.5 +0530', '2025-01-03T00:42:22.500Z'],
    ['2025-01-03 06:12 UTC', '2025-01-03T06:12:00.000Z'],
  ])('is read from %s', (text, iso) => expect(new Date(timeOf(text) ?? 0).toISOString()).toBe(iso));

  it.each(['paid', '2025', '2025-13-45', 'infinity', '12:00', 20250103, null])('is not read from %s', (value) =>
    expect(timeOf(value)).toBeUndefined(),
  );
});

describe('the plots of a column', () => {
  it('have bars that are relative to the most frequent value, and shares of the rows that were read', () => {
    const values = [
      { value: 'a', count: 40 },
      { value: true, count: 10 },
    ];
    const sampled = { ...table, rows: 5000, sampledRows: 80 };
    expect(plotColumn(column({ values, valuesComplete: true }), sampled).values).toEqual([
      { text: 'a', count: 40, length: 1, share: 0.5 },
      { text: 'true', count: 10, length: 0.25, share: 0.125 },
    ]);
  });

  it('show no value of a hidden column, even if its profile has some', () => {
    const values = [{ value: 'secret-value', count: 1 }];
    const sensitive = { class: 'national_id', by: 'name', evidence: 'The name has the word ssn' } as const;
    const leaky = column({
      hidden: true,
      sensitive,
      min: 'secret-min',
      max: 'secret-max',
      values,
      valuesComplete: true,
    });
    const plots = plotColumn(leaky, table);
    expect(JSON.stringify(plots)).not.toContain('secret');
    expect(plots).toMatchObject({ values: [], valuesComplete: false });
    expect(plots.hidden).toBe('the column looks sensitive (national id). The name has the word ssn.');
  });

  it('say that the policy masks a column that does not look sensitive', () =>
    expect(plotColumn(column({ hidden: true }), table).hidden).toBe('the data policy masks the column.'));

  it('mark an estimate of the distinct values, and know an unknown number', () => {
    expect(plotColumn(column({ distinct: 1234, distinctExact: false }), table).distinct).toBe('≈ 1,234');
    expect(plotColumn(column({ distinct: 0, distinctExact: false }), table).distinct).toBeNull();
  });

  it('call a column unique only if all rows were read', () => {
    const unique = column({ distinct: 90, nulls: 10 });
    expect(plotColumn(unique, table).unique).toBe(true);
    expect(plotColumn(unique, { ...table, sampledRows: 100 }).unique).toBe(false);
  });

  it('have an axis for large numbers, which are texts, and for times, and none for texts', () => {
    const axis = (profile: Partial<KtxColumnProfile>) => plotColumn(column(profile), table).range?.axis?.kind;
    expect(axis({ min: '12345678901234567890', max: '92345678901234567890', mean: 5e19 })).toBe('number');
    expect(axis({ min: '2024-01-01', max: '2025-01-01' })).toBe('time');
    expect(axis({ min: '1', max: '2' })).toBeUndefined();
    expect(axis({ min: 'paid', max: 'shipped' })).toBeUndefined();
  });
});
