// Compilation of a semantic query over 300 sources by the running daemon, compared with sqlglot parsing the resulting
// SQL.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../scripts/lib/steps.mjs';
import { fastest, runRotated } from '../lib/measure.mjs';
import { output } from '../lib/processes.mjs';
import { atMost } from '../lib/target.mjs';

const SOURCES = 300;
const QUERY = { measures: ['s0.m1', 's1.m2', 's3.m3'], dimensions: ['s7.c3'] };

/** Rows of this module. */
export const rows = [
  {
    name: `semantic query, ${SOURCES} sources`,
    unit: 'ms',
    async setUp(ctx) {
      const { layout } = await ctx.runtime();
      const { baseUrl, token } = await ctx.daemon();
      const payload = { sources: createModel(), query: QUERY, dialect: 'postgres' };
      const compile = () => ctx.addon.postManagedDaemonJson(`${baseUrl}/t/${token}`, '/semantic-layer/query', payload);
      const file = path.join(ctx.folder, 'compiled.json');
      writeFileSync(file, JSON.stringify([(await compile()).sql]));
      return { compile, python: layout.pythonPath, file };
    },
    measure: ({ compile, python, file }, _, run) =>
      runRotated(
        { daemon: () => fastest(() => timed(compile)), 'sqlglot alone': () => fastest(() => parse(python, file)) },
        run,
      ),
    compare: [{ ours: 'daemon', against: 'sqlglot alone', target: atMost(10) }],
  },
];

/** Creates a tree of sources, each with joins to two others, 21 columns and 10 measures. */
function createModel() {
  return Array.from({ length: SOURCES }, (_, number) => ({
    name: `s${number}`,
    table: `warehouse.s${number}`,
    grain: ['id'],
    columns: ['id', ...numbers(20, 'c')].map((name) => ({ name, type: 'number' })),
    joins: [number * 2 + 1, number * 2 + 2]
      .filter((target) => target < SOURCES)
      .map((target, column) => ({ to: `s${target}`, on: `c${column} = s${target}.id`, relationship: 'many_to_one' })),
    measures: numbers(10, 'm').map((name, column) => ({ name, expr: `sum(c${column}) / count(*)` })),
  }));
}

function numbers(count, letter) {
  return Array.from({ length: count }, (_, index) => `${letter}${index}`);
}

async function timed(job) {
  const begin = performance.now();
  await job();
  return performance.now() - begin;
}

async function parse(python, file) {
  const program = path.join(root, 'benches', 'programs', 'sql-floor.py');
  return JSON.parse(await output(python, [program, file, 'parse'])).seconds * 1000;
}
