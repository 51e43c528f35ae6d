// Scans of the engines of the test harness, compared with their queries alone.
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import readline from 'node:readline';
import { python } from '../../scripts/lib/python.mjs';
import { root } from '../../scripts/lib/steps.mjs';
import { runRotated } from '../lib/measure.mjs';
import { atLeast } from '../lib/target.mjs';
import { perSecond, timeInProject } from './scan.mjs';

const program = path.join(root, 'benches', 'programs', 'engines.py');

/** Rows of this module. The emulator of BigQuery takes 40 s for the keys of 200 tables. */
export const rows = [
  scan('ClickHouse', 'clickhouse', 5000),
  scan('Sail', 'spark', 5000),
  scan('BigQuery', 'bigquery', 30),
];

function scan(database, driver, count) {
  return {
    name: `scan of ${count.toLocaleString('en')} tables, ${database}`,
    unit: 'tables/s',
    runs: 5,
    async setUp(ctx) {
      await ctx.daemon();
      const folder = mkdtempSync(path.join(ctx.folder, 'scan-'));
      const engine = await startEngine(ctx, driver, count);
      const connection = { driver, url: engine.url };
      // Installs the driver, and loads it into the daemon.
      await timeInProject(folder, connection, ['scan', 'w', '--trust'], '--yes');
      return { folder, connection, ...engine };
    },
    measure: ({ folder, connection, queries }, _, run) =>
      runRotated(
        {
          'ktx scan': () => perSecond(count, timeInProject(folder, connection, ['scan', 'w', '--trust'])),
          'the queries alone': () => perSecond(count, queries()),
        },
        run,
      ),
    compare: [{ ours: 'ktx scan', against: 'the queries alone', target: atLeast(1 / 3) }],
    tearDown: ({ stop }) => stop(),
  };
}

/** Starts an engine with tables: `{ url, queries, stop }`; `queries` resolves to the milliseconds that they took. */
async function startEngine(ctx, driver, count) {
  const cwd = path.join(root, 'python-runtime');
  const env = { ...process.env, PYTHONPATH: ['src', '.'].join(path.delimiter) };
  const child = spawn(python, [program, driver, String(count)], { cwd, env, stdio: ['pipe', 'pipe', 'inherit'] });
  const stop = () => child.stdin.end();
  ctx.onClose(stop);
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`The engine for ${driver} ended`);
    return value;
  };
  const { url } = JSON.parse(await nextLine());
  const queries = async () => {
    child.stdin.write('\n');
    return Number(await nextLine()) * 1000;
  };
  return { url, queries, stop };
}
