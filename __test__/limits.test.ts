import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageDir } from './support/package.js';
import { temporaryFolder } from './support/temp.js';

// Limits of the operating system that are too low: an error that says what to raise, and never a panic.

const script = `
  const { readManagedPythonDaemonStatus } = require(${JSON.stringify(join(packageDir, 'index.js'))});
  const options = { cliVersion: '0.2.0', runtimeRoot: process.argv[1], assetDir: process.argv[1] };
  readManagedPythonDaemonStatus(options).then(
    ({ kind }) => console.log('kind ' + kind),
    ({ code, message, hint }) => console.log(code + ' ' + message + '. ' + hint),
  );`;

/** What a process says that may have so many of something. */
function limited(flag: string, limit: number) {
  const args = ['-c', `ulimit ${flag} ${limit} && exec "$0" -e "$1" "$2"`, process.execPath, script, temporaryFolder()];
  const { stdout, stderr, signal } = spawnSync('bash', args, { encoding: 'utf8', timeout: 60_000 });
  return { stdout, said: `${stdout}${stderr}`, signal };
}

describe.skipIf(process.platform !== 'linux')('a process with too few open files', () => {
  it('says what to raise, and works from a few more on', { timeout: 120_000 }, () => {
    const outcomes = new Set<string>();
    for (let limit = 12; limit <= 40; limit += 1) {
      const { stdout, said } = limited('-n', limit);
      expect(said, `${limit}: ${said}`).not.toMatch(/panicked|Internal error|RUST_BACKTRACE/);
      outcomes.add(stdout.split(' ')[0] ?? '');
      if (stdout.startsWith('KTX_LIMIT_REACHED')) {
        expect(stdout).toMatch(/Too many open files[^.]*\. Let this process open more files: ulimit -n 1024\n$/);
      }
    }
    // Below them Node itself does not start.
    expect([...outcomes].filter((outcome) => outcome !== '').sort()).toEqual(['KTX_LIMIT_REACHED', 'kind']);
  });
});
