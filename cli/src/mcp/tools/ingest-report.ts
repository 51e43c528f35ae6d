import type { KtxMcpContextTools } from '../context-tools.js';
import { reportTool } from './report.js';

const WORDS = {
  name: 'ingest_report',
  title: 'Read the report of an ingest',
  description: 'Everything that a recorded run found: what changed, the work that follows, and warnings.',
};

/** `ingest_report`. */
export function ingestReport({ ingest }: KtxMcpContextTools) {
  return ingest && reportTool(WORDS, (request) => ingest.report(request));
}
