/** The functions that the tools call, in groups that a host may replace. */

import type {
  KtxProject,
  KtxRunReport,
  KtxSemanticQuery,
  KtxSemanticQueryResult,
  KtxSemanticSource,
  KtxSemanticSourceFile,
  KtxSemanticSourceSaved,
  KtxSemanticSourceSummary,
  KtxSemanticValidation,
  KtxSqlResult,
  LocalScanRunResult,
} from '@kaelio/ktx';
import type {
  LocalIngestAdapter,
  RunLocalIngest,
  RunLocalIngestOptions,
  RunLocalScan,
} from '../ingest/local-ingest.js';
import type { KtxMcpCall } from './call.js';

/** Connections of the project. */
export interface ConnectionTools {
  list(): Promise<KtxProject['connections']>;
  test?(
    request: { connectionId: string },
    call?: KtxMcpCall,
  ): Promise<{ connectionId: string; driver: string; tableCount: number }>;
}

/** Scans. */
export interface ScanTools {
  run(request: { connectionId: string; dryRun?: boolean }, call?: KtxMcpCall): Promise<LocalScanRunResult>;
  report(request: { runId: string }): Promise<KtxRunReport>;
}

/** What a client asks of an ingest. */
export interface McpIngestRequest {
  adapter: string;
  connectionId: string;
  trigger?: RunLocalIngestOptions['trigger'];
  config?: {
    /** Take what was staged there before, in place of pulling it; absolute, or relative to the project. */
    sourceDir?: string;
  };
}

/** What an ingest answers: its ids, and the report in full. */
export interface McpIngestResult {
  runId: string;
  jobId: string;
  reportId: string;
  report: KtxRunReport;
}

/** Ingests. */
export interface IngestTools {
  run(request: McpIngestRequest, call?: KtxMcpCall): Promise<McpIngestResult>;
  status(request: { runId?: string; limit?: number }): Promise<KtxRunReport[]>;
  report(request: { runId: string }): Promise<KtxRunReport>;
}

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

/** All groups; a group that is absent has no tools. */
export interface KtxMcpContextTools {
  connections?: ConnectionTools;
  scan?: ScanTools;
  ingest?: IngestTools;
  semanticLayer?: SemanticTools;
  /** There only where queries may be run. */
  sql?: SqlTools;
}

/** What the functions of a project are made with. */
export interface KtxMcpContextOptions {
  /** Who the agent acts for. */
  userContext?: { userId: string };
  localIngest: {
    adapters: LocalIngestAdapter[];
    /** Handed to each run as it is. */
    pullConfigOptions?: RunLocalIngestOptions['pullConfigOptions'];
    runLocalIngest?: RunLocalIngest;
    runLocalScan?: RunLocalScan;
    jobIdFactory?: () => string;
  };
  /** Daemon to compute semantic queries with, in place of the managed one. */
  semanticComputeUrl?: string;
  /** Whether SQL may be run on the connections. */
  executeQueries?: boolean;
  /** Use the secrets that the project refers to; without it the project has to be trusted. */
  trust?: 'always';
}
