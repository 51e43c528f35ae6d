/** MCP client of a `ktx serve` process. */

import { Client, type ClientOptions } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { onTestFinished } from 'vitest';
import { KTX, type ProcessOptions } from './ktx.js';

/** A connected client. */
export interface McpSession {
  client: Client;
  /** Output of the server on `stderr` so far. */
  log(): string;
  /** Lines on standard output of the server that are not valid messages. */
  strayOutput: Error[];
  /** Calls a tool for structured content and returns it; rejects if the tool fails. */
  call(name: string, args?: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** Calls a tool that is expected to fail, and returns its error. */
  failing(name: string, args?: Record<string, unknown>): Promise<{ code: string; message: string; hint?: string }>;
}

/** Starts a server in `cwd` and connects to it; both are stopped at the end of the test. */
export async function startMcpSession(
  { cwd, env = {} }: ProcessOptions,
  flags: string[] = [],
  options: ClientOptions = {},
): Promise<McpSession> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [KTX, 'serve', '--mcp', 'stdio', ...flags],
    env: definedOnly({ ...process.env, ...env }),
    stderr: 'pipe',
    ...(cwd === undefined ? {} : { cwd }),
  });
  let log = '';
  transport.stderr?.on('data', (chunk) => (log += chunk));
  const client = new Client({ name: 'ktx-tests', version: '1' }, options);
  const strayOutput: Error[] = [];
  client.onerror = (error) => strayOutput.push(error);
  await client.connect(transport);
  onTestFinished(() => client.close());
  const request = (name: string, args = {}) =>
    client.callTool({ name, arguments: args, _meta: STRUCTURED }, { timeout: 120_000 });
  return {
    client,
    log: () => log,
    strayOutput,
    async call(name, args) {
      const answer = await request(name, args);
      if (answer.isError) throw new Error(`${name} failed: ${textOf(answer)}`);
      return answer.structuredContent as Record<string, unknown>;
    },
    async failing(name, args) {
      const answer = await request(name, args);
      if (!answer.isError) throw new Error(`${name} did not fail: ${textOf(answer)}`);
      return errorOf(answer);
    },
  };
}

/** Metadata of a request for structured content. */
export const STRUCTURED = { 'io.github.kaelio/structured': true };

/** The error of a failed call: the second text. */
export function errorOf({ content }: { content: { type: string }[] }): {
  code: string;
  message: string;
  hint?: string;
} {
  return JSON.parse((content[1] as { text?: string } | undefined)?.text ?? '').error;
}

/** Text of a tool result. */
export function textOf(answer: { content: { type: string }[] }): string {
  return (answer.content as { text?: string }[]).map(({ text }) => text ?? '').join('');
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
