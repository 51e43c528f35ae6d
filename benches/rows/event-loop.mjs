// How late JavaScript's event loop is while the addon works; nothing slow may run on that thread.
import path from 'node:path';
import { eachInTurn } from '../lib/measure.mjs';
import { runProgram, startProgram } from '../lib/processes.mjs';
import { below } from '../lib/target.mjs';

const WORK = ['install', 'start', '1,000 calls'];

/** Rows of this module. */
export const rows = [
  {
    name: 'event-loop delay, p99',
    unit: 'ms',
    async setUp(ctx) {
      await ctx.runtime();
      const { line, stop } = await startProgram('echo-server.mjs');
      return { baseUrl: `http://127.0.0.1:${line}`, stop };
    },
    measure({ baseUrl }, ctx, run) {
      const own = { ...ctx.options, runtimeRoot: path.join(ctx.folder, 'event-loop') };
      const options = { install: own, start: ctx.options };
      const job = (work) => () => runProgram('event-loop.mjs', { work, options: options[work], baseUrl });
      return eachInTurn(Object.fromEntries(['idle', ...WORK].map((work) => [work, job(work)])), run);
    },
    async tearDown({ stop }, ctx) {
      await stop();
      await ctx.stopDaemon();
    },
    compare: WORK.map((work) => ({ name: work, ours: work, against: 'idle', target: below(5, 'ms') })),
  },
];
