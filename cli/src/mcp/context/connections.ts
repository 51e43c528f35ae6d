/** Connections of the project, as tools see them. */

import { type KtxProject, loadKtxProject, testKtxConnection } from '@kaelio/ktx';
import { withTerminal } from '../../ingest/local-ingest.js';
import { optionsOf, trustOf } from '../call.js';
import type { ConnectionTools, KtxMcpContextOptions } from '../context-tools.js';

/** Makes the group; `ktx.yaml` is read again by each call, for it may be edited meanwhile. */
export function connectionTools(project: KtxProject, options: KtxMcpContextOptions): Required<ConnectionTools> {
  const { projectDir } = project;
  return {
    list: async () => (await loadKtxProject({ projectDir })).connections,
    test: ({ connectionId }, call = {}) => {
      call.tell?.(`Connecting to ${connectionId}`);
      const daemon = withTerminal(options.localIngest.pullConfigOptions ?? {});
      return testKtxConnection({ projectDir, connectionId, ...daemon, ...trustOf(options), ...optionsOf(call) });
    },
  };
}
