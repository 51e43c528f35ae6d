import type { KtxMcpContextTools } from '../context-tools.js';
import { reportTool } from './report.js';

const DEFINITION = {
  name: 'ingest_report',
  title: 'Read the report of an ingest',
  description: 'Complete report of a recorded run: changes, resulting work and warnings.',
};

/** `ingest_report`. */
export function ingestReport({ ingest }: KtxMcpContextTools) {
  return ingest && reportTool(DEFINITION, (request) => ingest.report(request));
}
