/** The local page on the HTTP server of a project. */

import { loadKtxProject, readManagedPythonDaemonStatus } from '@kaelio/ktx';
import type { KtxMcpContextTools } from '../mcp/context-tools.js';
import type { LocalPages } from '../mcp/http/server.js';
import { escapeOnOneLine } from '../output/control-characters.js';
import { packageVersion } from '../package-info.js';
import { environmentOption } from '../terminal/io.js';

/** The project, and the environment of its `ktx.yaml`. */
interface Project {
  projectDir: string;
  environment?: string | undefined;
  semanticComputeUrl?: string | undefined;
  cliVersion?: string | undefined;
}

/** Maximum number of rows that a query of the page returns. */
const MAX_ROWS = 1000;

/** Path of the root of the page. */
const ROOT = '/ui/';

/** Whether a daemon that plans queries is running. */
async function hasDaemon({ semanticComputeUrl, cliVersion = packageVersion() }: Project): Promise<boolean> {
  if (semanticComputeUrl !== undefined) return true;
  return (await readManagedPythonDaemonStatus({ cliVersion })).kind === 'running';
}

/** Creates the page of a project. What it runs has the limits and the policy of the tools, and is read-only. */
export function createPages(
  project: Project,
  { semanticLayer, relationships, lineage }: KtxMcpContextTools,
  log: { write(chunk: string): unknown },
): LocalPages | undefined {
  if (semanticLayer === undefined || relationships === undefined || lineage === undefined) return undefined;
  const options = { projectDir: project.projectDir, ...environmentOption(project) };
  const create = async () => {
    // Loaded for the first browser: agents do not need it.
    const { createPageHandler } = await import('#web');
    return createPageHandler({
      root: ROOT,
      loadProject: () => loadKtxProject(options),
      environment: project.environment,
      actions: {
        query: (request, signal) =>
          semanticLayer.query({ ...request, ...(request.execute ? { maxRows: MAX_ROWS } : {}) }, { signal }),
        relationship: (request) => relationships.answer(request),
        lineage: (request, signal) => lineage.read(request, { signal }),
        validate: (request) => semanticLayer.validate({ ...request, withoutDenied: true }),
        canValidate: () => hasDaemon(project),
      },
      log: (message) => log.write(`${escapeOnOneLine(message)}\n`),
    });
  };
  let created: ReturnType<typeof create> | undefined;
  const handler = () => {
    created ??= create();
    return created;
  };
  return {
    root: ROOT,
    environment: async () => (await loadKtxProject(options)).environment ?? null,
    createTicket: async () => (await handler()).createTicket(),
    handle: async (req, res, path) => (await handler()).handle(req, res, path),
  };
}
