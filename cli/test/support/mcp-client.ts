/** MCP client of a server in this process. */

import { Client, type ClientOptions, InMemoryTransport } from '@modelcontextprotocol/client';
import { onTestFinished, vi } from 'vitest';
import type { KtxMcpContextTools } from '../../src/mcp/context-tools.js';
import { Notices } from '../../src/mcp/notices.js';
import { createKtxMcpServer, type KtxMcpServerOptions } from '../../src/mcp/server.js';

/** Connects a client to a server with these functions. */
export async function connect(
  contextTools: KtxMcpContextTools,
  more: Partial<KtxMcpServerOptions> = {},
  clientOptions: ClientOptions = {},
) {
  const log = vi.fn((_: string) => undefined);
  const notices = new Notices({ write: log });
  const options = { name: 'ktx', version: '0.0.0-test', userContext: { userId: 'ada' }, contextTools, notices };
  const server = createKtxMcpServer({ ...options, stderr: { write: log }, ...more });
  const [serverTransport, clientTransport] = InMemoryTransport.createLinkedPair();
  await server.connect(serverTransport as never);
  const client = new Client({ name: 'test', version: '1' }, clientOptions);
  await client.connect(clientTransport);
  onTestFinished(() => client.close());
  return { client, server, notices, log };
}
