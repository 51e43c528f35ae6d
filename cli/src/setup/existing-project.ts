/** A project that may exist already. */

import { type KtxProject, loadKtxProject } from '@kaelio/ktx';
import { isProjectMissing } from '../errors.js';

/** Loads an existing project; `undefined` without one. Rejects if the existing one is unusable. */
export async function openExistingProject(
  options: Parameters<typeof loadKtxProject>[0],
): Promise<KtxProject | undefined> {
  try {
    return await loadKtxProject(options);
  } catch (error) {
    if (isProjectMissing(error)) return undefined;
    throw error;
  }
}
