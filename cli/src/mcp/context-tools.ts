/** Functions behind the tools, in groups that a host may replace. */

import type {
  KtxLineage,
  KtxLocalIngestAdapterOptions,
  KtxPage,
  KtxPageSummary,
  KtxProject,
  KtxRelationshipAnswer,
  KtxRelationshipList,
  KtxRelationshipStatus,
  KtxRunReport,
  KtxScanMode,
  KtxSearchAnswer,
  KtxSearchKind,
  KtxSemanticMetric,
  KtxSemanticQuery,
  KtxSemanticQueryResult,
  KtxSemanticSource,
  KtxSemanticSourceFile,
  KtxSemanticSourceSaved,
  KtxSemanticSourceSummary,
  KtxSemanticValidation,
  KtxSqlResult,
  KtxTable,
  KtxTableColumns,
  KtxTableSummary,
  KtxValuesAnswer,
  LocalScanRunResult,
} from '@kaelio/ktx';
import type {
  LocalIngestAdapter,
  RunLocalIngest,
  RunLocalIngestOptions,
  RunLocalScan,
} from '../ingest/local-ingest.js';
import type { KtxMcpCall } from './call.js';
import type { PromptTemplate } from './prompts/template.js';

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
  /** Asks the client what a run would ask it, and runs nothing. */
  ask?(request: { connectionId: string }, call: KtxMcpCall): Promise<void>;
  run(
    request: { connectionId: string; mode?: KtxScanMode; dryRun?: boolean },
    call?: KtxMcpCall,
  ): Promise<LocalScanRunResult>;
  report(request: { runId: string }): Promise<KtxRunReport>;
}

/** Tables of the newest scan. */
export interface TableTools {
  list(request: { connectionId: string }): Promise<KtxTableSummary[]>;
  read(request: { connectionId: string; name: string }): Promise<KtxTable>;
}

/** The search over what the project knows. */
export interface SearchTools {
  search(request: {
    query: string;
    kinds?: KtxSearchKind[] | undefined;
    connectionId?: string | undefined;
    limit?: number | undefined;
  }): Promise<KtxSearchAnswer>;
  findValues(request: {
    text: string;
    connectionId?: string | undefined;
    column?: string | undefined;
  }): Promise<KtxValuesAnswer>;
}

/** Detected keys and relationships. */
export interface RelationshipTools {
  list(request: { connectionId: string; status?: KtxRelationshipStatus | undefined }): Promise<KtxRelationshipList>;
  answer(request: {
    connectionId: string;
    from: KtxTableColumns;
    to?: KtxTableColumns;
    status: 'accepted' | 'rejected';
  }): Promise<KtxRelationshipAnswer>;
}

/** Request of an ingest. */
export interface McpIngestRequest {
  adapter: string;
  connectionId: string;
  trigger?: RunLocalIngestOptions['trigger'];
  config?: {
    /** Folder with files staged earlier, which are read instead of pulling; absolute, or relative to the project. */
    sourceDir?: string;
  };
}

/** Result of an ingest: its ids and the complete report. */
export interface McpIngestResult {
  runId: string;
  jobId: string;
  reportId: string;
  report: KtxRunReport;
}

/** Ingests. */
export interface IngestTools {
  /** Asks the client what a run would ask it, and runs nothing. */
  ask?(request: McpIngestRequest, call: KtxMcpCall): Promise<void>;
  run(request: McpIngestRequest, call?: KtxMcpCall): Promise<McpIngestResult>;
  status(request: { runId?: string; limit?: number }): Promise<KtxRunReport[]>;
  report(request: { runId: string }): Promise<KtxRunReport>;
}

/** Request of one source of a connection. */
export interface SemanticSourceRequest {
  connectionId: string;
  name: string;
}

/** A query on the sources of a connection. */
export interface SemanticQueryRequest {
  connectionId: string;
  query: KtxSemanticQuery;
  /** Whether to execute the SQL. */
  execute?: boolean;
  maxRows?: number;
  /** Whether to say in words how the query is answered. */
  explain?: boolean | undefined;
}

/** Sources of the project, and queries on them. */
export interface SemanticTools {
  listSources(request: { connectionId?: string }): Promise<KtxSemanticSourceSummary[]>;
  readModel?(): Promise<{ metrics: KtxSemanticMetric[] }>;
  readSource(request: SemanticSourceRequest): Promise<KtxSemanticSourceFile>;
  writeSource(
    request: { connectionId: string; source: KtxSemanticSource },
    call?: KtxMcpCall,
  ): Promise<KtxSemanticSourceSaved>;
  validate(
    request: { connectionId: string; names?: string[]; withoutDenied?: boolean },
    call?: KtxMcpCall,
  ): Promise<KtxSemanticValidation>;
  query(request: SemanticQueryRequest, call?: KtxMcpCall): Promise<KtxSemanticQueryResult>;
}

/** Execution of SQL on the connections of the project. */
export interface SqlTools {
  execute(request: { connectionId: string; sql: string; maxRows?: number }, call?: KtxMcpCall): Promise<KtxSqlResult>;
}

/** Prompts of the project. */
export interface PromptTools {
  list(): Promise<PromptTemplate[]>;
}

/** What tables are made of, and what is made of them. */
export interface LineageTools {
  read(request: { connectionId: string; name: string }, call?: KtxMcpCall): Promise<KtxLineage>;
}

/** Pages of notes. */
export interface PageTools {
  list(request: { contains?: string; limit?: number }): Promise<KtxPageSummary[]>;
  read(request: { path: string }): Promise<KtxPage>;
}

/** All groups; the tools of an absent group are not registered. */
export interface KtxMcpContextTools {
  connections?: ConnectionTools;
  scan?: ScanTools;
  tables?: TableTools;
  relationships?: RelationshipTools;
  search?: SearchTools;
  ingest?: IngestTools;
  semanticLayer?: SemanticTools;
  prompts?: PromptTools;
  pages?: PageTools;
  lineage?: LineageTools;
  /** Present only if queries may be executed. */
  sql?: SqlTools;
}

/** Options for the functions of a project. */
export interface KtxMcpContextOptions {
  /** User that the agent acts for. */
  userContext?: { userId: string };
  localIngest: {
    adapters: LocalIngestAdapter[];
    /** Creates the adapters of one call, with a confirmation by its client; default: `adapters`, without one. */
    createAdapters?: (options: KtxLocalIngestAdapterOptions) => LocalIngestAdapter[];
    /** Passed unchanged to every run. */
    pullConfigOptions?: RunLocalIngestOptions['pullConfigOptions'];
    runLocalIngest?: RunLocalIngest;
    runLocalScan?: RunLocalScan;
    jobIdFactory?: () => string;
  };
  /** URL of the daemon that computes semantic queries, instead of the managed one. */
  semanticComputeUrl?: string;
  /** Whether SQL may be executed on the connections. */
  executeQueries?: boolean;
  /** Use the secrets that the project refers to; without it the project has to be trusted. */
  trust?: 'always';
  /** Environment of `ktx.yaml`; default: `KTX_ENV`. */
  environment?: string;
}
