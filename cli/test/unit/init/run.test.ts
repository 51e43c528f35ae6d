import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { runKtxInit } from '../../../src/init/run.js';
import { makeIo } from '../../support/io.js';

let projectDir: string;
beforeEach(async () => {
  projectDir = await realpath(await mkdtemp(join(tmpdir(), 'ktx-init-')));
  return () => rm(projectDir, { recursive: true, force: true });
});

describe('ktx init', () => {
  it('creates a project, and prints the next steps', async () => {
    const { io, stdout, stderr } = makeIo();
    expect(await runKtxInit({ projectDir, projectName: 'shop' }, io)).toBe(0);
    expect(stdout()).toBe(
      `Created the project shop in ${projectDir}\n\nNext:\n  1. ktx connection add warehouse\n  2. ktx scan warehouse\n`,
    );
    expect(stderr()).toBe('');
    expect(await readFile(join(projectDir, 'ktx.yaml'), 'utf8')).toContain('project: shop\n');
  });

  it('is one document with --json, and replaces no project', async () => {
    const { io, stdout } = makeIo();
    await runKtxInit({ projectDir, json: true }, io);
    expect(JSON.parse(stdout())).toMatchObject({ projectDir, configPath: join(projectDir, 'ktx.yaml') });
    await expect(runKtxInit({ projectDir }, io)).rejects.toMatchObject({ code: 'KTX_PROJECT_EXISTS' });
  });
});
