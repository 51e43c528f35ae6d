// Clients of the official SDK, connected over standard streams and over HTTP.
import path from 'node:path';
import process from 'node:process';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { root } from '../../scripts/lib/steps.mjs';
import { output } from './processes.mjs';

const ktx = path.join(root, 'cli', 'dist', 'ktx.js');

/** Starts `ktx serve --mcp stdio` of a project and connects to it, until the bench ends. */
export async function connect(ctx, projectDir, flags = []) {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [ktx, 'serve', '--mcp', 'stdio', '--project-dir', projectDir, ...flags],
    env: Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== undefined)),
    stderr: 'ignore',
  });
  return await open(ctx, transport);
}

/** Starts the server of a project in the background, `ktx mcp start`, and connects to it, until the bench ends. */
export async function connectHttp(ctx, projectDir, flags = []) {
  const run = (...args) => output(process.execPath, [ktx, 'mcp', ...args, '--project-dir', projectDir]);
  ctx.onClose(() => run('stop', '--json'));
  await run('start', '--json', ...flags);
  const { server, token } = JSON.parse(await run('status', '--show-token', '--json'));
  const headers = { authorization: `Bearer ${token}` };
  return await open(ctx, new StreamableHTTPClientTransport(new URL(server.url), { requestInit: { headers } }));
}

async function open(ctx, transport) {
  const client = new Client({ name: 'ktx-bench', version: '1' });
  await client.connect(transport);
  ctx.onClose(() => client.close());
  return client;
}

/** Bytes of an answer as JSON. */
export function bytesOf(answer) {
  return Buffer.byteLength(JSON.stringify(answer));
}
