/** The semantic layer and SQL, as tools see them. */

import type {
  KtxLocalIngestAdapterOptions,
  KtxProject,
  KtxSemanticQuery,
  KtxSemanticQueryResult,
  KtxSemanticSource,
  KtxSemanticSourceFile,
  KtxSemanticSourceSaved,
  KtxSemanticSourceSummary,
  KtxSemanticValidation,
  KtxSqlResult,
} from '@kaelio/ktx';
import * as addon from '@kaelio/ktx';
import { asking } from '../../local-ingest.js';
import { type KtxMcpCall, optionsOf, trustOf } from '../call.js';
import type { KtxMcpContextOptions } from '../context-tools.js';
import { MAX_RESULT_BYTES } from '../size.js';

/** One source of a connection. */
export interface SemanticSourceRequest {
  connectionId: string;
  name: string;
}

/** A query on the sources of a connection. */
export interface SemanticQueryRequest {
  connectionId: string;
  query: KtxSemanticQuery;
  /** Run the SQL as well. */
  execute?: boolean;
  maxRows?: number;
}

/** Sources of the project, and queries on them. */
export interface SemanticTools {
  listSources(request: { connectionId?: string }): Promise<KtxSemanticSourceSummary[]>;
  readSource(request: SemanticSourceRequest): Promise<KtxSemanticSourceFile>;
  writeSource(
    request: { connectionId: string; source: KtxSemanticSource },
    call?: KtxMcpCall,
  ): Promise<KtxSemanticSourceSaved>;
  validate(request: { connectionId: string; names?: string[] }, call?: KtxMcpCall): Promise<KtxSemanticValidation>;
  query(request: SemanticQueryRequest, call?: KtxMcpCall): Promise<KtxSemanticQueryResult>;
}

/** SQL on the connections of the project; there only where queries may be run. */
export interface SqlTools {
  execute(request: { connectionId: string; sql: string; maxRows?: number }, call?: KtxMcpCall): Promise<KtxSqlResult>;
}

/** Makes the semantic group. */
export function semanticTools({ projectDir }: KtxProject, options: KtxMcpContextOptions): SemanticTools {
  const { localIngest, semanticComputeUrl } = options;
  const daemon = (call: KtxMcpCall) => ({
    ...(semanticComputeUrl === undefined ? {} : { semanticComputeUrl }),
    ...asking(localIngest.pullConfigOptions ?? {}),
    ...trustOf(options),
    ...optionsOf(call),
  });
  return {
    listSources: (request) => addon.listKtxSemanticSources({ projectDir, ...request }),
    readSource: (request) => addon.readKtxSemanticSource({ projectDir, ...request }),
    writeSource: (request, call = {}) => addon.writeKtxSemanticSource({ projectDir, ...request, ...daemon(call) }),
    validate: (request, call = {}) => addon.validateKtxSemanticSources({ projectDir, ...request, ...daemon(call) }),
    query: (request, call = {}) =>
      addon.runKtxSemanticQuery({ projectDir, ...request, maxBytes: MAX_RESULT_BYTES, ...daemon(call) }),
  };
}

/** Makes the group that runs SQL. */
export function sqlTools({ projectDir }: KtxProject, options: KtxMcpContextOptions): SqlTools {
  return {
    execute: (request, call = {}) => {
      const daemon: KtxLocalIngestAdapterOptions = asking(options.localIngest.pullConfigOptions ?? {});
      return addon.executeKtxSql({
        projectDir,
        ...request,
        maxBytes: MAX_RESULT_BYTES,
        ...daemon,
        ...trustOf(options),
        ...optionsOf(call),
      });
    },
  };
}
