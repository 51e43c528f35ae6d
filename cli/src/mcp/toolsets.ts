/** Which tools a server offers, and the flag that opens each of the others. */

import type { KtxMcpContextTools } from './context-tools.js';
import { type KtxMcpTool, toolsetOf } from './tool.js';
import { createTools } from './tools/index.js';
import { type KtxMcpToolset, TOOLSETS } from './toolset.js';

/** The tools of a server. */
export interface SelectedTools {
  open: Map<string, KtxMcpTool>;
  /** Names of tools that flags switched off, with the flag that opens them. */
  closed: Map<string, string>;
  /** The flags that open all of them. */
  opening: string[];
}

/** Tools that need more than their toolset. */
const NEEDS_EXECUTION = ['sql_execute'];

/** Selects the tools of some toolsets; by default of all. */
export function selectTools(
  contextTools: KtxMcpContextTools,
  toolsets: readonly KtxMcpToolset[] = TOOLSETS,
): SelectedTools {
  const all = createTools(contextTools);
  const isOpen = (tool: KtxMcpTool) => toolsets.includes(toolsetOf(tool));
  const closed = new Map(
    all.filter((tool) => !isOpen(tool)).map((tool) => [tool.name, toolsFlag(toolsets, toolsetOf(tool))]),
  );
  const flags = ['--execute-queries', ...(toolsets.includes('query') ? [] : [toolsFlag(toolsets, 'query')])];
  const unregistered = NEEDS_EXECUTION.filter((name) => !all.some((tool) => tool.name === name));
  for (const name of unregistered) closed.set(name, flags.join(' '));
  const opening = [
    ...(unregistered.length > 0 ? ['--execute-queries'] : []),
    ...(TOOLSETS.every((toolset) => toolsets.includes(toolset)) ? [] : [`--tools ${TOOLSETS.join(',')}`]),
  ];
  return { open: new Map(all.filter(isOpen).map((tool) => [tool.name, tool])), closed, opening };
}

/** The flag with one more toolset. */
function toolsFlag(toolsets: readonly KtxMcpToolset[], added: KtxMcpToolset): string {
  return `--tools ${TOOLSETS.filter((toolset) => toolset === added || toolsets.includes(toolset)).join(',')}`;
}
