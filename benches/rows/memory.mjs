// Memory of a daemon that has nothing to do, before and after many calls.
import { memoryOf, request, waitUntil } from '../lib/processes.mjs';
import { atMost } from '../lib/target.mjs';

const CALLS = 10_000;
const FIRST = 1_000;
const CONCURRENT = 32;

/** Rows of this module. */
export const rows = [
  {
    name: 'memory of a daemon',
    unit: 'MB',
    setUp: (ctx) => ctx.referencePython(),
    async measure(_, ctx) {
      const reference = await ctx.newReferenceDaemon();
      await ctx.stopDaemon();
      const daemon = await ctx.daemon();
      await settle(daemon);
      const values = { 'reference daemon': memoryOf(reference.pid), idle: memoryOf(daemon.pid) };
      await reference.stop();
      await call(ctx, FIRST);
      values['after 1,000 calls'] = memoryOf(daemon.pid);
      await call(ctx, CALLS - FIRST);
      values['after 10,000 calls'] = memoryOf(daemon.pid);
      return values;
    },
    tearDown: (_, ctx) => ctx.stopDaemon(),
    compare: [
      { name: 'idle', ours: 'idle', against: 'reference daemon', target: atMost(0.5) },
      { name: 'used', ours: 'after 10,000 calls', against: 'reference daemon', target: atMost(0.5) },
      { name: 'growth', ours: 'after 10,000 calls', against: 'after 1,000 calls', target: atMost(1.02) },
    ],
  },
];

/** Waits until what a new daemon imports in the background is there: one call needs all of it. */
async function settle({ baseUrl, token }) {
  const body = JSON.stringify({ sql: 'select 1', dialect: 'postgres' });
  await waitUntil(async () => {
    const { status } = await request(`${baseUrl}/api/sql/analyze-for-fingerprint`, { body, token });
    return status === 200;
  }, 'the daemon answers');
}

/** Statements of different lengths, a few at a time. */
async function call(ctx, count) {
  const io = { stdout: { write() {} }, stderr: { write() {} } };
  const { createManagedDaemonSqlAnalysisPort } = ctx.addon;
  const port = createManagedDaemonSqlAnalysisPort({ cliVersion: ctx.options.cliVersion, installPolicy: 'never', io });
  let left = count;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      const columns = Array.from({ length: (left % 10) + 1 }, (_, id) => `c${id} + ${left}`).join(', ');
      await port.analyzeForFingerprint(`select ${columns} from s.t${left} where a = ${left}`, 'postgres');
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT }, lane));
}
