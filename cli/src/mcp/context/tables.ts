/** Functions of the tools for tables. */

import type { KtxProject } from '@kaelio/ktx';
import * as addon from '@kaelio/ktx';
import { serverOptionsOf } from '../call.js';
import type { KtxMcpContextOptions, TableTools } from '../context-tools.js';

/** Creates the group. */
export function tableTools({ projectDir }: KtxProject, options: KtxMcpContextOptions): TableTools {
  const project = { projectDir, ...serverOptionsOf(options) };
  return {
    list: ({ connectionId }) => addon.listKtxTables({ ...project, connectionId }),
    read: (request) => addon.readKtxTable({ ...project, ...request }),
  };
}
