/** A project that may exist already. */

import type * as addon from '@kaelio/ktx';
import { isProjectMissing } from '../errors.js';

/** Loads an existing project; `undefined` without one. Rejects if the existing one is unusable. */
export async function openExistingProject(
  options: Parameters<typeof addon.loadKtxProject>[0],
  calls: Pick<typeof addon, 'loadKtxProject'>,
): Promise<addon.KtxProject | undefined> {
  try {
    return await calls.loadKtxProject(options);
  } catch (error) {
    if (isProjectMissing(error)) return undefined;
    throw error;
  }
}
