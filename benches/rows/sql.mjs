// SQL analysis in batches, compared with one request per statement, as the replaced code did it, and with sqlglot alone.
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { root } from '../../scripts/lib/steps.mjs';
import { runRotated } from '../lib/measure.mjs';
import { output, request } from '../lib/processes.mjs';
import { queryLog } from '../lib/query-log.mjs';
import { identifiers, statements } from '../lib/statements.mjs';
import { atLeast, noTarget } from '../lib/target.mjs';

// One request per statement would take minutes, so that side sends a sample; all sides are compared per second.
const SAMPLE = 300;
const BATCH = 1000;

/** Rows of this module. */
export const rows = [
  {
    name: 'table identifiers, a batch of 10,000',
    unit: 'a second',
    setUp,
    measure(state, _, run) {
      const items = identifiers(10_000, run);
      return runRotated(
        {
          'one batch': () => perSecond(items.length, () => state.parser.parse(items)),
          'one request each': () =>
            perSecond(SAMPLE, () =>
              requestEach(state, '/sql/parse-table-identifier', items, (item) => ({ items: [item] })),
            ),
        },
        run,
      );
    },
    compare: [{ ours: 'one batch', against: 'one request each', target: atLeast(20) }],
  },
  fingerprints('fingerprints of 50,000 statements of 1,000 kinds', 50_000, 1000, atLeast(20)),
  fingerprints('fingerprints of 5,000 statements, all of other kinds', 5000, 5000, noTarget()),
  {
    name: 'raw query log, 50,000 statements of 1,000 kinds in four dialects',
    unit: 'a second of CPU',
    // A run takes minutes: the text cache parses nearly every statement.
    runs: 3,
    async setUp(ctx) {
      const { layout } = await ctx.runtime();
      return { python: layout.pythonPath };
    },
    measure({ python }, ctx, run) {
      const file = path.join(ctx.folder, 'query-log.json');
      const log = queryLog(50_000, 1000, run + 1);
      writeFileSync(file, JSON.stringify(log));
      const perSecondWith = async (cache) => {
        const { seconds } = await runPythonProgram(python, 'statement-cache.py', file, cache);
        return log.length / seconds;
      };
      return runRotated(
        { 'template cache': () => perSecondWith('templates'), 'text cache': () => perSecondWith('texts') },
        run,
      );
    },
    compare: [{ ours: 'template cache', against: 'text cache', target: atLeast(5) }],
  },
];

function fingerprints(name, count, kinds, target) {
  return {
    name,
    unit: 'a second',
    setUp,
    measure(state, ctx, run) {
      const texts = statements(count, kinds, `${kinds}_${run}`);
      return runRotated(
        {
          'batches of 1,000': () => perSecond(count, () => analyzeInBatches(state, texts)),
          'one request each': () =>
            perSecond(SAMPLE, () =>
              requestEach(state, '/api/sql/analyze-for-fingerprint', texts, (sql) => ({ sql, dialect: 'postgres' })),
            ),
          'sqlglot on all cores': () => sqlglotPerSecond(state, ctx, texts),
        },
        run,
      );
    },
    compare: [
      { ours: 'batches of 1,000', against: 'one request each', target },
      { ours: 'batches of 1,000', against: 'sqlglot on all cores', target: noTarget() },
    ],
  };
}

async function setUp(ctx) {
  const { layout } = await ctx.runtime();
  const reference = await ctx.referenceDaemon();
  await ctx.daemon();
  const io = { stdout: { write() {} }, stderr: { write() {} } };
  const options = { cliVersion: ctx.options.cliVersion, installPolicy: 'never', io };
  const parser = ctx.addon.createManagedDaemonLookerTableIdentifierParser(options);
  const analysis = ctx.addon.createManagedDaemonSqlAnalysisPort(options);
  const state = { python: layout.pythonPath, reference, parser, analysis };
  // The worker pool of the daemon starts with the first large batch.
  await analyzeInBatches(state, statements(1000, 1000, 'first'));
  return state;
}

async function analyzeInBatches({ analysis }, texts) {
  for (let start = 0; start < texts.length; start += BATCH) {
    const items = texts.slice(start, start + BATCH).map((sql, id) => ({ id: String(id), sql }));
    await analysis.analyzeBatch(items, 'postgres');
  }
}

async function requestEach({ reference }, endpoint, items, payload) {
  const agent = new http.Agent({ keepAlive: true });
  try {
    for (const item of items.slice(0, SAMPLE)) {
      const { status } = await request(reference.baseUrl + endpoint, { body: JSON.stringify(payload(item)), agent });
      if (status !== 200) throw new Error(`The reference daemon responded ${status} to ${JSON.stringify(item)}`);
    }
  } finally {
    agent.destroy();
  }
}

/** Rate of sqlglot on all cores, without any other work. */
async function sqlglotPerSecond({ python }, ctx, texts) {
  const sample = texts.slice(0, SAMPLE);
  const file = path.join(ctx.folder, 'statements.json');
  writeFileSync(file, JSON.stringify(sample));
  const { seconds } = await runPythonProgram(python, 'sql-floor.py', file, 'write');
  return (sample.length / seconds) * os.availableParallelism();
}

/** Runs a program of `programs/`, and parses its output. */
async function runPythonProgram(python, name, ...args) {
  return JSON.parse(await output(python, [path.join(root, 'benches', 'programs', name), ...args]));
}

async function perSecond(count, job) {
  const begin = performance.now();
  await job();
  return (count * 1000) / (performance.now() - begin);
}
