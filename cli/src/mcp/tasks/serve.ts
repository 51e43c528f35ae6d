/** Tasks of a server, in the form that the revision of its client has. */

import type { Server } from '@modelcontextprotocol/server';
import { callTool } from '../call-tool.js';
import type { KtxMcpServerOptions, Serving } from '../server-options.js';
import type { SelectedTools } from '../toolsets.js';
import { askFirst } from './ask-first.js';
import { hasTasks, type Session2025, serveTasks2025 } from './revision-2025.js';
import { serveTasks2026, TASKS_EXTENSION } from './revision-2026.js';
import type { CallTool } from './run.js';

/** Serves the methods of tasks; the returned functions call a tool, and say whether the list of the tools names tasks. */
export function serveTasks(server: Server, tools: SelectedTools, options: KtxMcpServerOptions, serving: Serving) {
  const { era, tasks } = serving;
  const call: CallTool = (params, request, onProgress) =>
    callTool(tools, params, { request, capabilities: server.getClientCapabilities(), onProgress }, options);
  if (era === 'modern') {
    server.registerCapabilities({ extensions: TASKS_EXTENSION });
    return { call: serveTasks2026({ server, tools, tasks, call }), areListed: () => false };
  }
  const ask: Session2025['ask'] = async (params, request) => {
    const tool = tools.open.get(params.name);
    return tool && askFirst(tool, params, { request, capabilities: server.getClientCapabilities() }, options);
  };
  return { call: serveTasks2025({ server, tools, tasks, call, ask }), areListed: () => hasTasks(server) };
}
