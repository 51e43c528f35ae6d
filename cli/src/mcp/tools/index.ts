/** Every tool, in the order in which clients see them. */

import type { KtxMcpContextTools } from '../context-tools.js';
import type { KtxMcpTool } from '../tool.js';
import { connectionList } from './connection-list.js';
import { connectionTest } from './connection-test.js';
import { ingestRun } from './ingest-run.js';
import { relationshipAnswer } from './relationship-answer.js';
import { relationshipList } from './relationship-list.js';
import { runGet } from './run-get.js';
import { scanRun } from './scan-run.js';
import { search } from './search.js';
import { slQuery } from './sl-query.js';
import { slSourceGet } from './sl-source-get.js';
import { slSourceList } from './sl-source-list.js';
import { slSourcePut } from './sl-source-put.js';
import { slSourceValidate } from './sl-source-validate.js';
import { sqlExecute } from './sql-execute.js';
import { tableGet } from './table-get.js';
import { tableList } from './table-list.js';
import { valuesFind } from './values-find.js';

const TOOLS = [
  search,
  valuesFind,
  tableList,
  tableGet,
  slSourceList,
  slSourceGet,
  slQuery,
  sqlExecute,
  slSourcePut,
  slSourceValidate,
  relationshipList,
  relationshipAnswer,
  connectionList,
  connectionTest,
  scanRun,
  ingestRun,
  runGet,
];

/** Creates the tools whose functions are present. */
export function createTools(context: KtxMcpContextTools): KtxMcpTool[] {
  return TOOLS.map((tool) => tool(context)).filter((tool) => tool !== undefined);
}
