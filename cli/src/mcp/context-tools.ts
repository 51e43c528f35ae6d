/** What the tools call: the functions of a project, each group replaceable by a host. */

import type { KtxProject, KtxRunReport, LocalScanRunResult } from '@kaelio/ktx';
import type { LocalIngestAdapter, RunLocalIngest, RunLocalIngestOptions, RunLocalScan } from '../local-ingest.js';
import type { KtxMcpCall } from './call.js';
import { connectionTools } from './context/connections.js';
import { ingestTools } from './context/ingest.js';
import { scanTools } from './context/scan.js';
import { type SemanticTools, type SqlTools, semanticTools, sqlTools } from './context/semantic.js';

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

/** The functions of a project on this machine. Nothing is installed, started or connected by making them. */
export function createLocalProjectMcpContextPorts(project: KtxProject, options: KtxMcpContextOptions) {
  return {
    connections: connectionTools(project, options),
    scan: scanTools(project, options),
    ingest: ingestTools(project, options),
    semanticLayer: semanticTools(project, options),
    ...(options.executeQueries === true ? { sql: sqlTools(project, options) } : {}),
  } satisfies KtxMcpContextTools;
}
