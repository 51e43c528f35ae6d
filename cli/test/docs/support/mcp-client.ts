/** MCP client that starts a server from a configuration file, as the clients on the pages do. */

import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

interface ServerConfig {
  command: string;
  args: string[];
}

/** Starts the only server of a configuration, and returns the names of its tools. */
export async function listConfiguredTools(
  language: 'json' | 'toml',
  text: string,
  { cwd, env }: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<string[]> {
  const { command, args } = language === 'json' ? fromJson(text) : fromToml(text);
  const set = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const client = new Client({ name: 'ktx-docs', version: '1' });
  const transport = new StdioClientTransport({ command, args, cwd, env: Object.fromEntries(set), stderr: 'ignore' });
  await client.connect(transport, { timeout: 120_000 });
  try {
    return (await client.listTools()).tools.map(({ name }) => name);
  } finally {
    await client.close();
  }
}

/** VS Code uses the key `servers`, opencode `mcp` with one list of words, all others `mcpServers`. */
function fromJson(text: string): ServerConfig {
  const { mcpServers, servers, mcp } = JSON.parse(text);
  const { command, args } = onlyOne(Object.values((mcpServers ?? servers ?? mcp) as Record<string, JsonServer>));
  const [program = '', ...words] = [command].flat();
  return { command: program, args: args ?? words };
}

interface JsonServer {
  command: string | string[];
  args?: string[];
}

/** Parses one TOML table whose values are valid JSON. */
function fromToml(text: string): ServerConfig {
  const [header, ...lines] = text.trimEnd().split('\n');
  if (!header?.startsWith('[mcp_servers.')) throw new Error(`No server in ${text}`);
  const pairs = lines.map((line) => line.split(' = ') as [string, string]);
  return Object.fromEntries(pairs.map(([key, value]) => [key, JSON.parse(value)])) as unknown as ServerConfig;
}

function onlyOne<Server>(servers: Server[]): Server {
  const [server] = servers;
  if (server === undefined || servers.length > 1) throw new Error('The configuration must have exactly one server');
  return server;
}
