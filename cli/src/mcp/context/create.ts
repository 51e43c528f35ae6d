/** Functions behind the tools, for a local project. */

import type { KtxProject } from '@kaelio/ktx';
import type { KtxMcpContextOptions, KtxMcpContextTools } from '../context-tools.js';
import { connectionTools } from './connections.js';
import { ingestTools } from './ingest.js';
import { lineageTools } from './lineage.js';
import { pageTools } from './pages.js';
import { promptTools } from './prompts.js';
import { relationshipTools } from './relationships.js';
import { scanTools } from './scan.js';
import { searchTools } from './search.js';
import { semanticTools, sqlTools } from './semantic.js';
import { tableTools } from './tables.js';

/** Creates every group of functions, without installing, starting or connecting anything. */
export function createLocalProjectMcpContextPorts(project: KtxProject, options: KtxMcpContextOptions) {
  return {
    connections: connectionTools(project, options),
    scan: scanTools(project, options),
    tables: tableTools(project, options),
    relationships: relationshipTools(project, options),
    search: searchTools(project, options),
    ingest: ingestTools(project, options),
    semanticLayer: semanticTools(project, options),
    prompts: promptTools(project),
    pages: pageTools(project, options),
    lineage: lineageTools(project, options),
    ...(options.executeQueries === true ? { sql: sqlTools(project, options) } : {}),
  } satisfies KtxMcpContextTools;
}
