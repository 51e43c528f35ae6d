/** Functions of the pages of notes. */

import type { KtxProject } from '@kaelio/ktx';
import * as addon from '@kaelio/ktx';
import { serverOptionsOf } from '../call.js';
import type { KtxMcpContextOptions, PageTools } from '../context-tools.js';

/** Creates the group. */
export function pageTools({ projectDir }: KtxProject, options: KtxMcpContextOptions): PageTools {
  const project = { projectDir, ...serverOptionsOf(options) };
  return {
    list: (request) => addon.listKtxPages({ ...project, ...request }),
    read: (request) => addon.readKtxPage({ ...project, ...request }),
  };
}
