import '@kaelio/ktx';

declare module '@kaelio/ktx' {
  export interface KtxLocalIngestAdapter {
    source: string;
  }
  export function createLocalIngestAdapters(
    project: KtxProject,
    options: KtxLocalIngestAdapterOptions,
  ): KtxLocalIngestAdapter[];
  export function runLocalIngest(options: {
    project: KtxProject;
    adapters: KtxLocalIngestAdapter[];
    adapter: string;
    connectionId: string;
    sourceDir?: string;
    trigger?: string;
    jobId?: string;
    pullConfigOptions?: KtxLocalIngestAdapterOptions;
    onProgress?: (progress: KtxRunProgress) => void;
    signal?: AbortSignal;
  }): Promise<{
    runId: string;
    jobId: string;
    status: 'done';
    done: true;
    connectionId: string;
    adapter: string;
    syncId: string;
    report: KtxRunReport;
  }>;
}

declare module '@kaelio/ktx' {
  export interface KtxSemanticSource {
    name: string;
    [key: string]: unknown;
  }
  export interface KtxSemanticSourceSummary {
    connectionId: string;
    name: string;
    path: string;
  }
  export interface KtxSemanticSourceFile extends KtxSemanticSourceSummary {
    source: KtxSemanticSource;
    text: string;
  }
  export interface KtxSemanticSourceSaved extends KtxSemanticSourceSummary {
    status: 'created' | 'replaced' | 'unchanged';
  }
  export interface KtxSemanticValidation {
    connectionId: string;
    valid: boolean;
    errors: string[];
    warnings: string[];
    perSourceWarnings: Record<string, string[]>;
  }
  export interface KtxSemanticQuery {
    [key: string]: unknown;
  }
  export interface KtxSqlResult {
    connectionId: string;
    columns: { name: string; type: string }[];
    rows: unknown[][];
    rowCount: number;
    truncated: boolean;
  }
  export interface KtxSemanticQueryResult {
    connectionId: string;
    sql: string;
    dialect: string;
    columns: unknown[];
    plan: unknown;
    result?: KtxSqlResult;
  }
  type Reach = KtxLocalIngestAdapterOptions & { signal?: AbortSignal; projectDir: string; connectionId: string };
  export function listKtxSemanticSources(o: {
    projectDir: string;
    connectionId?: string;
  }): Promise<KtxSemanticSourceSummary[]>;
  export function readKtxSemanticSource(o: {
    projectDir: string;
    connectionId: string;
    name: string;
  }): Promise<KtxSemanticSourceFile>;
  export function writeKtxSemanticSource(o: {
    projectDir: string;
    connectionId: string;
    source: KtxSemanticSource;
  }): Promise<KtxSemanticSourceSaved>;
  export function validateKtxSemanticSources(o: Reach & { names?: string[] }): Promise<KtxSemanticValidation>;
  export function runKtxSemanticQuery(
    o: Reach & { query: KtxSemanticQuery; execute?: boolean; maxRows?: number },
  ): Promise<KtxSemanticQueryResult>;
  export function executeKtxSql(o: Reach & { sql: string; maxRows?: number }): Promise<KtxSqlResult>;
}
