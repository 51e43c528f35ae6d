// Measures one row: every run measures all sides in rotating order.
import { median, summary } from './statistics.mjs';

/**
 * Measures a row: an object of the array `rows` of a module of `rows/`:
 *
 * - `name`: unique name; `unit`: unit of its numbers, such as `ms`, `s`, `MB` or `calls/s`
 * - `needsDatabases`: whether it needs `KTX_TEST_POSTGRES_URL`
 * - `runs`: number of runs, if not the default
 * - `setUp(ctx)`: returns the state that all runs share; may warm up
 * - `measure(state, ctx, run)`: measures all sides once, directly after each other, in an order that depends on the run
 *   number, so that no side is always first: `{ [side]: number }`
 * - `compare`: `[{ ours: side, against: side, target, floor?: side, name?, unit? }]`, the lines of the table, with targets
 *   of `target.mjs`; the floor is the minimum work of any implementation; name and unit override those of the row
 * - `tearDown(state, ctx)`: cleanup after the row; `ctx.onClose` runs after all rows
 */
export async function measureRow(row, ctx, runs, log) {
  const state = await row.setUp?.(ctx);
  const raw = {};
  try {
    for (let run = 0; run < runs; run += 1) {
      log(`${row.name}: run ${run + 1} of ${runs}`);
      for (const [side, value] of Object.entries(await row.measure(state, ctx, run))) {
        if (!Number.isFinite(value)) throw new Error(`${row.name}: ${side} is not a number: ${value}`);
        raw[side] = [...(raw[side] ?? []), value];
      }
    }
  } finally {
    await row.tearDown?.(state, ctx);
  }
  return { name: row.name, raw, lines: row.compare.map((line) => compare(row, line, raw)) };
}

function compare(row, { ours, against, target, floor, name, unit = row.unit }, raw) {
  const relations = (side) => raw[side].map((value, run) => target.relate(value, raw[against][run]));
  const ratio = summary(relations(ours));
  return {
    name: name === undefined ? row.name : `${row.name}, ${name}`,
    unit,
    ours: { name: ours, ...summary(raw[ours]) },
    against: { name: against, ...summary(raw[against]) },
    ratio,
    shown: [ratio.median, ratio.min, ratio.max].map(target.show),
    target: target.text,
    met: target.isMet(ratio.median, median(raw[ours])),
    floor: floor && floorIfMissed(target, median(relations(floor)), median(raw[floor])),
  };
}

/** Value of the floor, if the floor itself misses the target. */
function floorIfMissed(target, ratio, value) {
  return target.isMet(ratio, value) === false ? target.show(ratio) : undefined;
}

/** Rotates the jobs by the run number. */
export function rotate(jobs, run) {
  const first = run % jobs.length;
  return [...jobs.slice(first), ...jobs.slice(0, first)];
}

/** Runs named jobs sequentially in rotated order; returns their results by name. */
export async function runRotated(jobs, run) {
  const results = {};
  for (const [name, job] of rotate(Object.entries(jobs), run)) results[name] = await job();
  return results;
}

/** Returns the minimum of several tries, as other load only adds time. */
export async function fastest(job, tries = 5) {
  let minimum = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < tries; attempt += 1) minimum = Math.min(minimum, await job());
  return minimum;
}
