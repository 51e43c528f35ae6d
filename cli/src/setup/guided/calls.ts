/** Functions of the addon that the guided setup calls; tests may replace them. */

import type * as addon from '@kaelio/ktx';

/** The functions. */
export type GuidedCalls = Pick<
  typeof addon,
  | 'loadKtxProject'
  | 'initKtxProject'
  | 'listKtxDbtProfiles'
  | 'addKtxConnection'
  | 'editKtxConnection'
  | 'listKtxDatabaseTables'
  | 'listKtxRuns'
  | 'runLocalScan'
  | 'generateKtxSemanticSources'
  | 'listKtxSemanticSources'
  | 'readKtxSemanticSource'
  | 'runKtxSemanticQuery'
  | 'listKtxAgents'
  | 'installKtxAgents'
>;
