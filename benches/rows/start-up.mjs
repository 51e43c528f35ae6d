// Duration of processes that only load the package or run a trivial command.
import path from 'node:path';
import process from 'node:process';
import { root } from '../../scripts/lib/steps.mjs';
import { fastest, runRotated } from '../lib/measure.mjs';
import { timeProcess, withoutExtraCertificates } from '../lib/processes.mjs';
import { plusAtMost } from '../lib/target.mjs';

const ktx = path.join(root, 'cli', 'dist', 'ktx.js');

/** Rows of this module. */
export const rows = [
  row("require('@kaelio/ktx')", ['-e', "require('@kaelio/ktx')"], 20),
  row('ktx --version', [ktx, '--version'], 60),
  row('ktx runtime status', [ktx, 'runtime', 'status'], 80, (ctx) => ctx.daemon()),
];

function row(name, args, limit, setUp) {
  return {
    name,
    unit: 'ms',
    runs: 15,
    setUp,
    measure: (_, __, run) => runRotated({ [name]: () => start(args), 'node -e 0': () => start(['-e', '0']) }, run),
    compare: [{ ours: name, against: 'node -e 0', target: plusAtMost(limit, 'ms') }],
  };
}

function start(args) {
  return fastest(() => timeProcess(process.execPath, args, { cwd: root, env: withoutExtraCertificates }));
}
