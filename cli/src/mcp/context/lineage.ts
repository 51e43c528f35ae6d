/** Functions of the lineage of tables. */

import type { KtxProject } from '@kaelio/ktx';
import * as addon from '@kaelio/ktx';
import { withTerminal } from '../../ingest/local-ingest.js';
import { optionsOf, serverOptionsOf } from '../call.js';
import type { KtxMcpContextOptions, LineageTools } from '../context-tools.js';
import { callDaemonOptions } from './call-runtime.js';

/** Creates the group. */
export function lineageTools({ projectDir }: KtxProject, options: KtxMcpContextOptions): LineageTools {
  const { localIngest, semanticComputeUrl } = options;
  return {
    read: (request, call = {}) =>
      addon.readKtxLineage({
        projectDir,
        ...request,
        ...(semanticComputeUrl === undefined ? {} : { semanticComputeUrl }),
        ...withTerminal(callDaemonOptions(localIngest, call)),
        ...serverOptionsOf(options),
        ...optionsOf(call),
      }),
  };
}
