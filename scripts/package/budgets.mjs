// Measures the cost of loading the package in new processes.
import { mustRun } from '../lib/sandbox.mjs';

const ROUNDS = 15;

const MEASURE = `
  const before = process.memoryUsage.rss();
  const start = process.hrtime.bigint();
  require('@kaelio/ktx');
  const milliseconds = Number(process.hrtime.bigint() - start) / 1e6;
  console.log(JSON.stringify({ milliseconds, bytes: process.memoryUsage.rss() - before }));`;

/** Medians of `require('@kaelio/ktx')` over new processes: milliseconds, and bytes of additional memory. */
export async function measureRequire(folder, node, env) {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.push(JSON.parse(await mustRun(node, ['--eval', MEASURE], { cwd: folder, env })));
  }
  return {
    milliseconds: median(rounds.map((each) => each.milliseconds)),
    bytes: median(rounds.map((each) => each.bytes)),
  };
}

function median(numbers) {
  return numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
