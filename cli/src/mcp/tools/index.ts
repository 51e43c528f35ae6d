/** Every tool, in the order in which clients see them. */

import type { KtxMcpContextTools } from '../context-tools.js';
import type { KtxMcpTool } from '../tool.js';
import { connectionList } from './connection-list.js';
import { connectionTest } from './connection-test.js';
import { ingestReport } from './ingest-report.js';
import { ingestRun } from './ingest-run.js';
import { ingestStatus } from './ingest-status.js';
import { relationshipAnswer } from './relationship-answer.js';
import { relationshipList } from './relationship-list.js';
import { scanReport } from './scan-report.js';
import { scanRun } from './scan-run.js';
import { search } from './search.js';
import { slListSources } from './sl-list-sources.js';
import { slQuery } from './sl-query.js';
import { slReadSource } from './sl-read-source.js';
import { slValidate } from './sl-validate.js';
import { slWriteSource } from './sl-write-source.js';
import { sqlExecute } from './sql-execute.js';
import { tableList } from './table-list.js';
import { tableRead } from './table-read.js';
import { valuesFind } from './values-find.js';

const TOOLS = [
  search,
  valuesFind,
  connectionList,
  connectionTest,
  slListSources,
  slReadSource,
  slWriteSource,
  slValidate,
  slQuery,
  scanRun,
  scanReport,
  tableList,
  tableRead,
  relationshipList,
  relationshipAnswer,
  ingestRun,
  ingestStatus,
  ingestReport,
  sqlExecute,
];

/** Creates the tools whose functions are present. */
export function createTools(context: KtxMcpContextTools): KtxMcpTool[] {
  return TOOLS.map((tool) => tool(context)).filter((tool) => tool !== undefined);
}
