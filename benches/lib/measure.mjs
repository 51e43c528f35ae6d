// Measures one row: every run takes all sides in turns.
import { median, summary } from './statistics.mjs';

/**
 * A row is an object that a module of `rows/` has in its array `rows`:
 *
 * - `name`: what is measured, unique; `unit`: of all its numbers, `ms`, `s`, `MB` or `calls/s`, say
 * - `needsDatabases`: `KTX_TEST_POSTGRES_URL` is set while it runs
 * - `runs`: how many runs it wants, if more than usual
 * - `setUp(ctx)`: what all its runs share; it may warm up. What it returns goes to `measure`
 * - `measure(state, ctx, run)`: one run of ours and of all others, right after each other and in an order that changes
 *   with the number of the run, so that none always comes first: `{ [side]: number }`
 * - `compare`: `[{ ours: side, against: side, target, floor?: side, name?, unit? }]`, a line of the table each, with
 *   targets of `target.mjs`; the floor is what ours cannot do without; name and unit only where they differ from the row's
 * - `tearDown(state, ctx)`: what `ctx.onClose` would do too late
 */
export async function measureRow(row, ctx, runs, say) {
  const state = await row.setUp?.(ctx);
  const raw = {};
  try {
    for (let run = 0; run < runs; run += 1) {
      say(`${row.name}: run ${run + 1} of ${runs}`);
      for (const [side, value] of Object.entries(await row.measure(state, ctx, run))) {
        if (!Number.isFinite(value)) throw new Error(`${row.name}: ${side} is no number but ${value}`);
        raw[side] = [...(raw[side] ?? []), value];
      }
    }
  } finally {
    await row.tearDown?.(state, ctx);
  }
  return { name: row.name, raw, lines: row.compare.map((line) => compare(row, line, raw)) };
}

function compare(row, { ours, against, target, floor, name, unit = row.unit }, raw) {
  const related = (side) => raw[side].map((value, run) => target.relate(value, raw[against][run]));
  const ratio = summary(related(ours));
  return {
    name: name === undefined ? row.name : `${row.name}, ${name}`,
    unit,
    ours: { name: ours, ...summary(raw[ours]) },
    against: { name: against, ...summary(raw[against]) },
    ratio,
    shown: [ratio.median, ratio.min, ratio.max].map(target.show),
    target: target.text,
    met: target.isMet(ratio.median, median(raw[ours])),
    floor: floor && unreachable(target, median(related(floor)), median(raw[floor])),
  };
}

/** Where the floor lies, if it does not reach the target itself. */
function unreachable(target, ratio, value) {
  return target.isMet(ratio, value) === false ? target.show(ratio) : undefined;
}

/** The jobs of a run, begun at another one each time. */
export function inTurns(jobs, run) {
  const begin = run % jobs.length;
  return [...jobs.slice(begin), ...jobs.slice(0, begin)];
}

/** Runs named jobs one after the other, begun at another one in each run; their results by name. */
export async function eachInTurn(jobs, run) {
  const results = {};
  for (const [name, job] of inTurns(Object.entries(jobs), run)) results[name] = await job();
  return results;
}

/** Of a few tries the fastest: what else the machine does only ever adds. */
export async function fastest(job, tries = 5) {
  let best = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < tries; turn += 1) best = Math.min(best, await job());
  return best;
}
