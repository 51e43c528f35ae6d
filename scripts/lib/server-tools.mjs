// Starts an MCP server as a client does.
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

const TIMEOUT_MS = 120_000;

/** Starts a server, and returns the names of its tools. */
export function listTools(server, options) {
  return withServer(server, options, async (client) => (await client.listTools()).tools.map(({ name }) => name));
}

/** Starts a server, and ends it after `use(client)`. */
export async function withServer({ command, args }, { cwd, env }, use) {
  const client = new Client({ name: 'ktx-scripts', version: '1' });
  await client.connect(new StdioClientTransport({ command, args, cwd, env, stderr: 'inherit' }), {
    timeout: TIMEOUT_MS,
  });
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}
