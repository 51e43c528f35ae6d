/** Functions of the addon that the status is collected with; tests may replace them. */

import type * as addon from '@kaelio/ktx';

/** The functions. */
export type StatusCalls = Pick<
  typeof addon,
  | 'loadKtxProject'
  | 'listKtxRuns'
  | 'listKtxSemanticSources'
  | 'validateKtxSemanticSources'
  | 'readManagedPythonRuntimeStatus'
  | 'readManagedPythonDaemonStatus'
  | 'listKtxAgents'
>;
