import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageDir } from './support/package.js';
import { temporaryFolder } from './support/temp.js';

// Low limits of the operating system cause an error with the next step, and no panic.

const script = `
  const { readManagedPythonDaemonStatus } = require(${JSON.stringify(join(packageDir, 'index.js'))});
  const options = { cliVersion: '0.2.0', runtimeRoot: process.argv[1], assetDir: process.argv[1] };
  readManagedPythonDaemonStatus(options).then(
    ({ kind }) => console.log('kind ' + kind),
    ({ code, message, hint }) => console.log(code + ' ' + message + '. ' + hint),
  );`;

/** Runs the script with a limit of `ulimit`, and returns its output. */
function runLimited(flag: string, limit: number) {
  const args = ['-c', `ulimit ${flag} ${limit} && exec "$0" -e "$1" "$2"`, process.execPath, script, temporaryFolder()];
  const { stdout, stderr, signal } = spawnSync('bash', args, { encoding: 'utf8', timeout: 60_000 });
  return { stdout, output: `${stdout}${stderr}`, signal };
}

describe.skipIf(process.platform !== 'linux')('a process with too few open files', () => {
  it('reports the limit to raise, and works with a few more', { timeout: 120_000 }, () => {
    const outcomes = new Set<string>();
    for (let limit = 12; limit <= 40; limit += 1) {
      const { stdout, output } = runLimited('-n', limit);
      expect(output, `${limit}: ${output}`).not.toMatch(/panicked|Internal error|RUST_BACKTRACE/);
      outcomes.add(stdout.split(' ')[0] ?? '');
      if (stdout.startsWith('KTX_LIMIT_REACHED')) {
        expect(stdout).toMatch(/Too many open files[^.]*\. Let this process open more files: ulimit -n 1024\n$/);
      }
    }
    // An empty outcome: Node itself did not start.
    expect([...outcomes].filter((outcome) => outcome !== '').sort()).toEqual(['KTX_LIMIT_REACHED', 'kind']);
  });
});
