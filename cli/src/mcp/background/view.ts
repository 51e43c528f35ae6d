/** Text output of `ktx mcp`. */

import type { KtxMcpServerStarted, KtxMcpServerStatus, KtxMcpServerStopped } from '@kaelio/ktx';
import { quoteForShell } from '../../output/shell.js';
import { renderProperties } from '../../output/table.js';
import type { Style } from '../../terminal/style.js';

/** Token file of a running server, and its token if it is to be shown. */
interface Access {
  tokenFile?: string;
  token?: string;
}

/** Renders a start. */
export async function renderStart(result: KtxMcpServerStarted & Required<Pick<Access, 'tokenFile'>>, style: Style) {
  const { status, server, logFile, tokenFile } = result;
  const title = status === 'started' ? 'Started the MCP server' : 'The MCP server is already running';
  const properties = await renderProperties(
    [
      ['URL', server.url],
      ['Process', String(server.pid)],
      ['Log', logFile],
      ['Token file', tokenFile],
    ],
    style,
  );
  return `${style.green(title)}\n${properties}${connectHint(server.url, tokenFile)}`;
}

/** Renders a stop. */
export function renderStop({ status, server }: KtxMcpServerStopped): string {
  if (status === 'already-stopped') return 'No MCP server of this project is running\n';
  return `Stopped the MCP server${server === undefined ? '' : `, process ${server.pid}`}\n`;
}

/** Renders the state of the server. */
export async function renderStatus(status: KtxMcpServerStatus & Access, style: Style): Promise<string> {
  const { kind, detail, server, logFile, tokenFile, token } = status;
  const properties = await renderProperties(
    [
      ['MCP server', kind === 'running' ? style.green(kind) : style.red(kind)],
      ['', detail],
      ['URL', kind === 'running' ? server?.url : undefined],
      ['Process', server?.pid.toString()],
      ['Started', server?.startedAt],
      ['Version', server?.version],
      ['Log', logFile],
      ['Token file', tokenFile],
      ['Token', token],
    ],
    style,
  );
  const isRunning = kind === 'running' && server !== undefined && tokenFile !== undefined;
  return isRunning ? `${properties}${connectHint(server.url, tokenFile)}` : properties;
}

/** How a client is connected: the token is read from its file, so that it is neither printed nor in the history. */
function connectHint(url: string, tokenFile: string): string {
  const header = `"Authorization: Bearer $(cat ${quoteForShell(tokenFile)})"`;
  const command = `claude mcp add --transport http ktx ${url} --header ${header}`;
  return `Connect a client with this header, for example:\n  ${command}\n`;
}
