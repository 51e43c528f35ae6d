import type { KtxMcpContextTools } from '../context-tools.js';
import { reportTool } from './report.js';

const WORDS = {
  name: 'scan_report',
  title: 'Read the report of a scan',
  description: 'Everything that a recorded scan found: what changed, the work that follows, and warnings.',
};

/** `scan_report`. */
export function scanReport({ scan }: KtxMcpContextTools) {
  return scan && reportTool(WORDS, (request) => scan.report(request));
}
