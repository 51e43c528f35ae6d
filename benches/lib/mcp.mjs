// A client of the official SDK, connected to `ktx serve --mcp stdio`.
import path from 'node:path';
import process from 'node:process';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { root } from '../../scripts/lib/steps.mjs';

const ktx = path.join(root, 'cli', 'dist', 'ktx.js');

/** Starts the server of a project and connects to it, until the bench ends. */
export async function connect(ctx, projectDir, flags = []) {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [ktx, 'serve', '--mcp', 'stdio', '--project-dir', projectDir, ...flags],
    env: Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== undefined)),
    stderr: 'ignore',
  });
  const client = new Client({ name: 'ktx-bench', version: '1' });
  await client.connect(transport);
  ctx.onClose(() => client.close());
  return client;
}

/** Bytes of an answer as JSON. */
export function bytesOf(answer) {
  return Buffer.byteLength(JSON.stringify(answer));
}
