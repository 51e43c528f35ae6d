import type { KtxMcpContextTools } from '../context-tools.js';
import { reportTool } from './report.js';

const DEFINITION = {
  name: 'scan_report',
  title: 'Read the report of a scan',
  description: 'Complete report of a recorded scan: changes, resulting work and warnings.',
};

/** `scan_report`. */
export function scanReport({ scan }: KtxMcpContextTools) {
  return scan && reportTool(DEFINITION, (request) => scan.report(request));
}
