// Delay of the JavaScript event loop while the addon works; nothing slow may run on that thread.
import path from 'node:path';
import { startEchoServer } from '../lib/echo.mjs';
import { runRotated } from '../lib/measure.mjs';
import { runProgram } from '../lib/processes.mjs';
import { below, noTarget } from '../lib/target.mjs';

const FLOOR = '1,000 calls by sockets';
const WORK = ['install', 'start', '1,000 calls'];

/** Rows of this module. */
export const rows = [
  {
    name: 'event-loop delay, p99',
    unit: 'ms',
    async setUp(ctx) {
      await ctx.runtime();
      return startEchoServer();
    },
    measure({ baseUrl }, ctx, run) {
      const separateRoot = { ...ctx.options, runtimeRoot: path.join(ctx.folder, 'event-loop') };
      const options = { install: separateRoot, start: ctx.options };
      const job = (work) => () => runProgram('event-loop.mjs', { work, options: options[work], baseUrl });
      return runRotated(Object.fromEntries(['idle', ...WORK, FLOOR].map((work) => [work, job(work)])), run);
    },
    async tearDown({ stop }, ctx) {
      await stop();
      await ctx.stopDaemon();
    },
    compare: [
      ...WORK.map((work) => ({ name: work, ours: work, against: 'idle', target: below(5, 'ms') })),
      { name: '1,000 calls', ours: '1,000 calls', against: FLOOR, target: noTarget() },
    ],
  },
];
