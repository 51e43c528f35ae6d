// Starts an MCP server as a client does.
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

const TIMEOUT_MS = 120_000;

/** Starts a server, and returns the names of its tools. */
export async function listTools({ command, args }, { cwd, env }) {
  const client = new Client({ name: 'ktx-scripts', version: '1' });
  await client.connect(new StdioClientTransport({ command, args, cwd, env, stderr: 'inherit' }), {
    timeout: TIMEOUT_MS,
  });
  try {
    return (await client.listTools()).tools.map(({ name }) => name);
  } finally {
    await client.close();
  }
}
