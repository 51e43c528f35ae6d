/** The functions of a project on this machine. */

import type { KtxProject } from '@kaelio/ktx';
import type { KtxMcpContextOptions, KtxMcpContextTools } from '../context-tools.js';
import { connectionTools } from './connections.js';
import { ingestTools } from './ingest.js';
import { scanTools } from './scan.js';
import { semanticTools, sqlTools } from './semantic.js';

/** Makes every group of functions. Nothing is installed, started or connected by making them. */
export function createLocalProjectMcpContextPorts(project: KtxProject, options: KtxMcpContextOptions) {
  return {
    connections: connectionTools(project, options),
    scan: scanTools(project, options),
    ingest: ingestTools(project, options),
    semanticLayer: semanticTools(project, options),
    ...(options.executeQueries === true ? { sql: sqlTools(project, options) } : {}),
  } satisfies KtxMcpContextTools;
}
