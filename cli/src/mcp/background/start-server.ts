/** Starts the MCP server of a project in the background. */

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type KtxMcpServerStarted, loadKtxProject, startKtxMcpServer } from '@kaelio/ktx';
import { PACKAGE_DIR } from '../../package-info.js';
import { findToken } from '../../serve/token.js';
import { type CliIo, callOptions, environmentOption } from '../../terminal/io.js';
import { createProgress, endProgress } from '../../terminal/progress.js';

/** What to start; `projectDir` is absolute. */
export interface ServerStart {
  cliVersion: string;
  projectDir: string;
  /** 0: any free one. */
  port: number;
  /** Replace a running server even if it is usable. */
  force: boolean;
  tokenFile?: string | undefined;
  /** Flags of `ktx serve`. */
  serverFlags: string[];
}

/** Entry of the command line, which the started process runs. */
const ENTRY = join(PACKAGE_DIR, 'cli', 'dist', 'ktx.js');

/** Starts the server, or reuses the running one; `path` is that of the file with the bearer token. */
export async function startServer(options: ServerStart, io: CliIo): Promise<KtxMcpServerStarted & { path: string }> {
  const { cliVersion, port, force, tokenFile, serverFlags, projectDir } = options;
  // Its errors are better than the log of a server that ends because of them.
  await loadKtxProject({ projectDir, ...environmentOption(io) });
  const { token, path } = await findToken(options, tokenFile);
  const progress = createProgress(io);
  progress('Starting the MCP server');
  const started = await startKtxMcpServer({
    cliVersion,
    projectDir,
    executable: process.execPath,
    args: [ENTRY, 'serve', '--mcp', 'http', '--project-dir', projectDir, ...serverFlags],
    port,
    force,
    ...(tokenFile === undefined ? {} : { tokenFile }),
    // A server with an earlier token would refuse the clients.
    configuration: createHash('sha256').update(token).digest('hex'),
    onProgress: ({ message }) => progress(message),
    ...callOptions(io),
  });
  endProgress(io);
  return { ...started, path };
}
