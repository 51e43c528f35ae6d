// Compilation of semantic queries by the running daemon, compared with sqlglot parsing the resulting SQL; and the semantic
// layer over 3,000 sources, compared with ten times 300 and with sqlglot parsing all expressions.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../scripts/lib/steps.mjs';
import { fastest, runRotated } from '../lib/measure.mjs';
import { output } from '../lib/processes.mjs';
import { atMost, below } from '../lib/target.mjs';

const SOURCES = 300;
const MANY = 3000;
const STEPS = ['generate', 'validate', 'first'];
const QUERY = { measures: ['s0.m1', 's1.m2', 's3.m3'], dimensions: ['s7.c3'] };

/** Rows of this module. */
export const rows = [
  {
    name: `semantic query, ${SOURCES} sources`,
    unit: 'ms',
    async setUp(ctx) {
      const { layout } = await ctx.runtime();
      const { baseUrl, token } = await ctx.daemon();
      const payload = { sources: createModel(), dialect: 'postgres' };
      let limit = 0;
      // Each query has another limit, as the daemon caches answers.
      const compile = () => {
        limit += 1;
        const body = { ...payload, query: { ...QUERY, limit } };
        return ctx.addon.postManagedDaemonJson(`${baseUrl}/t/${token}`, '/semantic-layer/query', body);
      };
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
  {
    name: `semantic model of ${MANY.toLocaleString('en')} sources`,
    unit: 's of CPU',
    async setUp(ctx) {
      const { layout } = await ctx.runtime();
      return layout.pythonPath;
    },
    async measure(python, ctx, run) {
      const measured = await runRotated(
        { many: () => measureModel(python, ctx, MANY), few: () => measureModel(python, ctx, SOURCES) },
        run,
      );
      const { many, few } = measured;
      const tenTimes = STEPS.map((step) => [`${step}, 10 × ${SOURCES}`, (few[step] * MANY) / SOURCES]);
      const { megabytes, query, parse, ...rest } = many;
      const values = { ...rest, query: query * 1000, megabytes, 'memory at 300': few.megabytes, 'parsing once': parse };
      return { ...values, ...Object.fromEntries(tenTimes), [`query, 10 × ${SOURCES}`]: few.query * 10_000 };
    },
    compare: [
      { name: 'query', unit: 'ms of CPU', ours: 'query', against: `query, 10 × ${SOURCES}`, target: below(100, 'ms') },
      { name: 'validate', ours: 'validate', against: 'parsing once', target: below(2, 's') },
      { name: 'generate', ours: 'generate', against: 'parsing once', target: below(2, 's') },
      { name: 'memory', unit: 'MB', ours: 'megabytes', against: 'memory at 300', target: below(100, 'MB') },
      ...STEPS.map((step) => ({
        name: `${step}, growth`,
        ours: step,
        against: `${step}, 10 × ${SOURCES}`,
        target: atMost(1.5),
      })),
    ],
  },
];

/** Measures a generated model: seconds of CPU time by step, and MB. */
async function measureModel(python, ctx, count) {
  const program = path.join(root, 'benches', 'programs', 'semantic-scale.py');
  return JSON.parse(await output(python, [program, String(count), path.join(ctx.folder, `model-${count}.json`)]));
}

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
