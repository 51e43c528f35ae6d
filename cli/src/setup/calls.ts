/** Functions of the addon that the demo calls; tests may replace them. */

import type * as addon from '@kaelio/ktx';

/** The functions. */
export type DemoCalls = Pick<
  typeof addon,
  | 'lookerTableIdentifierRoute'
  | 'sqlAnalysisRoute'
  | 'loadKtxProject'
  | 'ensureManagedPythonCommandRuntime'
  | 'initKtxProject'
  | 'addKtxConnection'
  | 'runLocalScan'
  | 'createLocalLookerTableIdentifierParser'
  | 'createLocalSqlAnalysisPort'
  | 'generateKtxSemanticSources'
  | 'runKtxSemanticQuery'
>;
