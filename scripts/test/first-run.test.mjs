// Tests that the scripts start on a fresh checkout, before any package is installed.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, before, describe, it } from 'node:test';
import { root } from '../lib/steps.mjs';

/** Scripts that `npm run` starts on a fresh checkout, with arguments that they refuse after their imports. */
const FIRST_SCRIPTS = {
  'check.mjs': ['no-such-check'],
  'test.mjs': ['no-such-suite'],
  'build.mjs': ['--no-such-flag'],
};

let folder;
before(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'ktx-first-run-'));
  for (const name of ['scripts', 'docs', 'package.json']) {
    cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  }
});
after(() => rmSync(folder, { recursive: true, force: true }));

describe('without installed packages', () => {
  for (const [script, args] of Object.entries(FIRST_SCRIPTS)) {
    it(`${script} is loaded`, () => {
      const { status, stderr } = spawnSync(process.execPath, [path.join('scripts', script), ...args], {
        cwd: folder,
        encoding: 'utf8',
      });
      assert.notEqual(status, 0);
      assert.match(stderr, /no-such-(check|suite|flag)/);
      assert.doesNotMatch(stderr, /ERR_MODULE_NOT_FOUND/);
    });
  }
});
