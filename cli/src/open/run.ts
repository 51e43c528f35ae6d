/** Runs `ktx open`: the page of a project in a browser, served by its MCP server. */

import * as addon from '@kaelio/ktx';
import { CliError } from '../errors.js';
import { startServer } from '../mcp/background/start-server.js';
import { printResult } from '../output/print.js';
import { type CliIo, environmentOf, environmentOption } from '../terminal/io.js';
import { canOpenBrowser, openBrowser } from './browser.js';
import { renderOpened } from './view.js';

/** Arguments of the command; `projectDir` is absolute. */
export interface KtxOpenArgs {
  cliVersion: string;
  projectDir: string;
  /** Whether to start a browser; otherwise the URL is printed. */
  browser: boolean;
  /** Use the secrets that the project refers to, if the server has to be started. */
  trust?: 'always' | undefined;
  json?: true;
}

/** Functions that the command calls; tests may replace them. */
export interface KtxOpenDeps {
  openBrowser?: typeof openBrowser;
}

/** Runs the command: reuses the running server, or starts one that runs until `ktx mcp stop`. */
export async function runKtxOpen(args: KtxOpenArgs, io: CliIo, deps: KtxOpenDeps = {}): Promise<number> {
  const { environment } = await addon.loadKtxProject({ projectDir: args.projectDir, ...environmentOption(io) });
  const target = { cliVersion: args.cliVersion, projectDir: args.projectDir, ...environmentOption({ environment }) };
  const url = (await addon.createKtxPageUrl(target)) ?? (await urlOfStarted(args, target, io));
  const opens = args.browser && args.json === undefined && canOpenBrowser(environmentOf(io));
  if (opens) await (deps.openBrowser ?? openBrowser)(url, args.projectDir);
  await printResult(io, args.json, { url }, () => renderOpened(url, opens));
  return 0;
}

/** The project in its environment, which `KTX_ENV` may have selected. */
type Target = Parameters<typeof addon.createKtxPageUrl>[0] & { cliVersion: string };

async function urlOfStarted({ trust }: KtxOpenArgs, target: Target, io: CliIo): Promise<string> {
  const { environment } = target;
  // Those of `ktx mcp start` without flags, which then reuses the server.
  const serverFlags = [
    ...['--user-id', 'local'],
    ...(environment === undefined ? [] : ['--env', environment]),
    ...(trust === undefined ? [] : ['--trust']),
  ];
  await startServer({ ...target, port: 0, force: false, serverFlags }, io);
  const url = await addon.createKtxPageUrl(target);
  if (url !== null) return url;
  throw new CliError('KTX_SERVER_START_FAILED', 'The MCP server ended after its start', 'See its log: ktx mcp logs');
}
