// Memory of an idle daemon, before and after many calls.
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
      await waitForImports(daemon);
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

/** Waits until background imports of a new daemon are complete, which one call needs. */
async function waitForImports({ baseUrl, token }) {
  const body = JSON.stringify({ sql: 'select 1', dialect: 'postgres' });
  await waitUntil(async () => {
    const { status } = await request(`${baseUrl}/api/sql/analyze-for-fingerprint`, { body, token });
    return status === 200;
  }, 'the daemon responds');
}

/** Analyses statements of different lengths, several at a time. */
async function call(ctx, count) {
  const io = { stdout: { write() {} }, stderr: { write() {} } };
  const { createManagedDaemonSqlAnalysisPort } = ctx.addon;
  const port = createManagedDaemonSqlAnalysisPort({ cliVersion: ctx.options.cliVersion, installPolicy: 'never', io });
  let remaining = count;
  const callInSequence = async () => {
    while (remaining > 0) {
      remaining -= 1;
      const columns = Array.from({ length: (remaining % 10) + 1 }, (_, id) => `c${id} + ${remaining}`).join(', ');
      await port.analyzeForFingerprint(`select ${columns} from s.t${remaining} where a = ${remaining}`, 'postgres');
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT }, callInSequence));
}
