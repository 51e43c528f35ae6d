import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageDir } from './support/package.js';

it.each(['node16', 'bundler'])('a consumer with strict options compiles with module resolution %s', (resolution) => {
  const compiler = join(packageDir, 'node_modules', 'typescript', 'bin', 'tsc');
  const project = join(packageDir, '__test__', 'types', `tsconfig.${resolution}.json`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [compiler, '--project', project], {
    encoding: 'utf8',
  });
  expect(stdout + stderr).toBe('');
  expect(status).toBe(0);
});
