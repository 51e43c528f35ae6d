import { describe, expect, it } from 'vitest';
import { groupByDay, lanesOf, MAX_LANES } from '../../src/pages/changes/group.js';

describe('groupByDay', () => {
  it('keeps the order of the runs', () => {
    const run = (id: number, startedAt: string) => ({ id, startedAt });
    const runs = [run(3, '2026-05-02T00:00:00Z'), run(2, '2026-05-01T23:59:59Z'), run(1, '2026-05-01T08:00:00Z')];
    expect(groupByDay(runs).map(({ date, runs: ofDay }) => [date, ofDay.map(({ id }) => id)])).toEqual([
      ['2026-05-02', [3]],
      ['2026-05-01', [2, 1]],
    ]);
    expect(groupByDay([])).toEqual([]);
  });
});

describe('lanesOf', () => {
  const runsOf = (...ids: string[]) => ids.map((connectionId) => ({ connectionId }));

  it('has none for one connection', () => expect(lanesOf(runsOf('a', 'a'))).toEqual([]));

  it('has the connections with the most runs first', () => {
    expect(lanesOf(runsOf('b', 'a', 'b', 'c')).map(({ title, runs }) => `${title} ${runs}`)).toEqual([
      'b 2',
      'a 1',
      'c 1',
    ]);
  });

  it('has one for all that are too many', () => {
    const ids = Array.from({ length: MAX_LANES + 3 }, (_, number) => `c${String(number).padStart(2, '0')}`);
    const lanes = lanesOf(runsOf('c00', ...ids));
    expect(lanes).toHaveLength(MAX_LANES);
    expect(lanes.at(-1)).toMatchObject({ title: 'others', runs: 4 });
    expect(lanes.flatMap(({ connections }) => connections).sort()).toEqual(ids);
  });
});
