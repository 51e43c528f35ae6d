// The clients of agents: how each lists its servers, or what its documentation says of its file.
import * as z from 'zod';

const stdio = { command: z.string(), args: z.array(z.string()), env: z.record(z.string(), z.string()).optional() };
const text = '{"mcpServers": {"other": {"command": "false", "args": []}}}';
const mcpServers = z.strictObject({ mcpServers: z.record(z.string(), z.strictObject(stdio)) });

/**
 * Clients with a command line: its package, the file of servers that a user has already, and whether it initializes a new
 * session with an HTTP server that was started again.
 */
export const TERMINALS = [
  {
    name: 'claude-code',
    package: '@anthropic-ai/claude-code',
    executable: 'claude',
    reconnects: true,
    file: '.mcp.json',
    text: '{\n  "mcpServers": {\n    "other": { "command": "false", "args": [] }\n  }\n}\n',
  },
  {
    // It reads the file of a folder only if its user trusts the folder.
    name: 'codex',
    package: '@openai/codex',
    executable: 'codex',
    reconnects: true,
    scope: ['--global'],
    file: '.codex/config.toml',
    text: '# mine\n[mcp_servers.other]\ncommand = "false" # tail\n',
  },
  {
    name: 'opencode',
    package: 'opencode-ai',
    executable: 'opencode',
    reconnects: true,
    file: 'opencode.json',
    // It would add the schema.
    text: '{\n  "$schema": "https://opencode.ai/config.json",\n  // mine\n  "mcp": { "other": { "type": "local", "command": ["false"], "enabled": false } },\n}\n',
  },
  {
    name: 'gemini',
    package: '@google/gemini-cli',
    executable: 'gemini',
    reconnects: false,
    file: '.gemini/settings.json',
    text: '{\n  // mine\n  "mcpServers": { "other": { "command": "false" } }\n}\n',
  },
];

/** Clients without a command line, and the shape of their files by their documentation. */
export const EDITORS = [
  // https://modelcontextprotocol.io/docs/develop/connect-local-servers
  {
    name: 'claude-desktop',
    scope: ['--global'],
    file: '.config/Claude/claude_desktop_config.json',
    text,
    shape: mcpServers,
  },
  // https://cursor.com/docs/context/mcp
  { name: 'cursor', file: '.cursor/mcp.json', text, shape: mcpServers },
  {
    // https://code.visualstudio.com/docs/copilot/reference/mcp-configuration
    name: 'vscode',
    file: '.vscode/mcp.json',
    text: '{ "servers": {"other": {"type": "stdio", "command": "false", "args": []}} }\n',
    shape: z.strictObject({
      servers: z.record(z.string(), z.strictObject({ type: z.literal('stdio'), ...stdio, cwd: z.string().optional() })),
      inputs: z.array(z.unknown()).optional(),
    }),
  },
  // https://docs.windsurf.com/windsurf/cascade/mcp
  { name: 'windsurf', scope: ['--global'], file: '.codeium/windsurf/mcp_config.json', text, shape: mcpServers },
];
