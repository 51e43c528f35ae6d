/** Functions of the connection tools. */

import { type KtxProject, loadKtxProject, testKtxConnection } from '@kaelio/ktx';
import { withTerminal } from '../../ingest/local-ingest.js';
import { optionsOf, serverOptionsOf } from '../call.js';
import type { ConnectionTools, KtxMcpContextOptions } from '../context-tools.js';
import { callDaemonOptions } from './call-runtime.js';

/** Creates the group; each call reads `ktx.yaml`, which may have been edited. */
export function connectionTools(project: KtxProject, options: KtxMcpContextOptions): Required<ConnectionTools> {
  const { projectDir } = project;
  return {
    list: async () => (await loadKtxProject({ projectDir, ...serverOptionsOf(options) })).connections,
    test: ({ connectionId }, call = {}) => {
      call.onProgress?.(`Connecting to ${connectionId}`);
      const daemon = withTerminal(callDaemonOptions(options.localIngest, call));
      return testKtxConnection({
        projectDir,
        connectionId,
        ...daemon,
        ...serverOptionsOf(options),
        ...optionsOf(call),
      });
    },
  };
}
