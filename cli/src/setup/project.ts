/** Demo project: a folder with a copy of the sample warehouse. */

import { constants } from 'node:fs';
import { access, copyFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { KtxProject } from '@kaelio/ktx';
import { PACKAGE_DIR } from '../package-info.js';
import type { DemoCalls } from './calls.js';
import { openExistingProject } from './existing-project.js';

/** Connection id of the sample warehouse. */
export const DEMO_CONNECTION = 'warehouse';

/** File of the sample warehouse, inside the project. */
export const DEMO_WAREHOUSE = 'demo-warehouse.sqlite';

/** Loads an existing demo project; see {@link openExistingProject}. */
export function openDemoProject(projectDir: string, calls: DemoCalls): Promise<KtxProject | undefined> {
  return openExistingProject({ projectDir, environment: '' }, calls);
}

/** Creates the missing parts of the project; existing files, such as a modified warehouse, are left unchanged. */
export async function prepareDemoProject(projectDir: string, calls: DemoCalls): Promise<KtxProject> {
  if ((await openDemoProject(projectDir, calls)) === undefined) await calls.initKtxProject({ projectDir });
  await copyWarehouse(join(projectDir, DEMO_WAREHOUSE));
  const { project } = await calls.addKtxConnection({
    projectDir,
    connectionId: DEMO_CONNECTION,
    connection: { driver: 'sqlite', path: `./${DEMO_WAREHOUSE}`, readonly: true },
  });
  return project;
}

async function copyWarehouse(target: string): Promise<void> {
  if (await exists(target)) return;
  // Atomic: the check above would keep a partial copy for good.
  const partial = `${target}.${process.pid}.partial`;
  await copyFile(join(PACKAGE_DIR, 'cli', 'assets', DEMO_WAREHOUSE), partial);
  await rename(partial, target);
}

async function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
}
