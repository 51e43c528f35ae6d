/** Functions of the semantic layer tools and of `sql_execute`. */

import type { KtxProject } from '@kaelio/ktx';
import * as addon from '@kaelio/ktx';
import { withTerminal } from '../../ingest/local-ingest.js';
import { suggestingTables } from '../../sql/near-tables.js';
import { type KtxMcpCall, optionsOf, serverOptionsOf } from '../call.js';
import type { KtxMcpContextOptions, SemanticTools, SqlTools } from '../context-tools.js';
import { MAX_RESULT_BYTES } from '../size.js';
import { callDaemonOptions } from './call-runtime.js';

/** Creates the group of the semantic layer. */
export function semanticTools({ projectDir }: KtxProject, options: KtxMcpContextOptions): SemanticTools {
  const { localIngest, semanticComputeUrl } = options;
  const daemon = (call: KtxMcpCall) => ({
    ...(semanticComputeUrl === undefined ? {} : { semanticComputeUrl }),
    ...withTerminal(callDaemonOptions(localIngest, call)),
    ...serverOptionsOf(options),
    ...optionsOf(call),
  });
  return {
    listSources: (request) => addon.listKtxSemanticSources({ projectDir, ...request, ...serverOptionsOf(options) }),
    readModel: () => addon.readKtxSemanticModel({ projectDir, ...serverOptionsOf(options) }),
    readSource: (request) => addon.readKtxSemanticSource({ projectDir, ...request, ...serverOptionsOf(options) }),
    writeSource: (request, call = {}) => addon.writeKtxSemanticSource({ projectDir, ...request, ...daemon(call) }),
    validate: (request, call = {}) => addon.validateKtxSemanticSources({ projectDir, ...request, ...daemon(call) }),
    query: (request, call = {}) =>
      addon.runKtxSemanticQuery({ projectDir, ...request, maxBytes: MAX_RESULT_BYTES, ...daemon(call) }),
  };
}

/** Creates the group that executes SQL. */
export function sqlTools({ projectDir }: KtxProject, options: KtxMcpContextOptions): SqlTools {
  return {
    execute: (request, call = {}) => {
      const daemon = withTerminal(callDaemonOptions(options.localIngest, call));
      const project = { projectDir, ...serverOptionsOf(options) };
      const run = () =>
        addon.executeKtxSql({ ...project, ...request, maxBytes: MAX_RESULT_BYTES, ...daemon, ...optionsOf(call) });
      return suggestingTables(run, () => addon.listKtxTables({ ...project, connectionId: request.connectionId }));
    },
  };
}
