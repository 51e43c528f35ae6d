/** The project of the demonstration: a folder with a copy of the sample warehouse. */

import { constants } from 'node:fs';
import { access, copyFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { addKtxProjectConnection, initKtxProject, type KtxProject, loadKtxProject } from '@kaelio/ktx';
import { PACKAGE_DIR } from '../package-info.js';

/** Name of the sample warehouse's connection. */
export const DEMO_CONNECTION = 'warehouse';

/** File of the sample warehouse, inside the project. */
export const DEMO_WAREHOUSE = 'demo-warehouse.sqlite';

/** The project that is there already; rejects if what is there cannot be used. */
export async function openDemoProject(projectDir: string): Promise<KtxProject | undefined> {
  try {
    return await loadKtxProject({ projectDir });
  } catch (error) {
    if ((error as { code?: unknown }).code === 'KTX_PROJECT_MISSING') return undefined;
    throw error;
  }
}

/** Makes what is missing of the project; what is there stays as it is, a warehouse that was played with included. */
export async function prepareDemoProject(projectDir: string): Promise<KtxProject> {
  if ((await openDemoProject(projectDir)) === undefined) await initKtxProject({ projectDir });
  await copyWarehouse(join(projectDir, DEMO_WAREHOUSE));
  return addKtxProjectConnection({
    projectDir,
    connectionId: DEMO_CONNECTION,
    connection: { driver: 'sqlite', path: `./${DEMO_WAREHOUSE}`, readonly: true },
  });
}

async function copyWarehouse(target: string): Promise<void> {
  if (await exists(target)) return;
  // Moved into place when complete: a copy that was cut off would be kept for good by the check above.
  const unfinished = `${target}.${process.pid}.unfinished`;
  await copyFile(join(PACKAGE_DIR, 'cli', 'assets', DEMO_WAREHOUSE), unfinished);
  await rename(unfinished, target);
}

async function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
}
