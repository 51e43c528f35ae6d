/** Global setup of the browser tests: builds the pages, the projects and their static files once. */

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { createProjects } from './projects/index.mjs';

const run = promisify(execFile);
const packageDir = path.resolve(import.meta.dirname, '..', '..', '..');
const load = createRequire(import.meta.url);

/** Projects of the tests; without the servers of scripts/with-databases.mjs, those that need none. */
const NAMES = process.env.KTX_TEST_POSTGRES_URL ? ['warehouse', 'hostile', 'policy', 'demo'] : ['demo'];

/** Projects without static files: each page of 400 tables reads the whole scan. */
const LIVE_ONLY = ['warehouse'];

/** A project, and the folder with its static files; empty if it has none. */
export interface TestSite {
  projectDir: string;
  folder: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Sites by the names of their projects. */
    sites: Record<string, TestSite>;
  }
}

/**
 * Sets up the sites; the returned function removes them. The projects in the folder KTX_WEB_PROJECTS are used if they are
 * there, and are kept, which saves half a minute while a page is written.
 */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const kept = process.env.KTX_WEB_PROJECTS;
  const root = kept ?? (await realpath(await mkdtemp(path.join(tmpdir(), 'ktx größe '))));
  const tearDown = async () => {
    if (kept === undefined) await rm(root, { recursive: true, force: true });
  };
  try {
    const [projects] = await Promise.all([createProjects(root, NAMES), buildPages()]);
    const sites: Record<string, TestSite> = {};
    for (const [name, projectDir] of Object.entries(projects)) {
      const folder = LIVE_ONLY.includes(name) ? '' : await buildStatic(projectDir, path.join(root, 'sites', name));
      sites[name] = { projectDir, folder };
    }
    provide('sites', sites);
  } catch (error) {
    await tearDown();
    throw error;
  }
  return tearDown;
}

async function buildPages(): Promise<void> {
  const vite = path.join(packageDir, 'node_modules', 'vite', 'bin', 'vite.js');
  // Vitest has set the variable to `test`, by which Vite would build for development.
  const env = { ...process.env, NODE_ENV: 'production' };
  for (const mode of ['browser', 'node']) {
    const args = [vite, 'build', '--config', 'web/vite.config.mts', '--mode', mode];
    await run(process.execPath, args, { cwd: packageDir, env });
  }
}

/** Writes the static files of a project, and returns the folder. */
async function buildStatic(projectDir: string, folder: string): Promise<string> {
  const { loadKtxProject } = load(path.join(packageDir, 'index.js'));
  const { buildSite } = load(path.join(packageDir, 'web', 'dist', 'node.cjs'));
  await mkdir(path.dirname(folder), { recursive: true });
  await buildSite({ project: await loadKtxProject({ projectDir }), folder });
  return folder;
}
