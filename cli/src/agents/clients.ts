/** The clients of agents that can be connected. */

import type { KtxAgentClient, KtxAgentScope } from '@kaelio/ktx';

/** Names of the clients, as flags take them. */
export const AGENT_CLIENTS: readonly KtxAgentClient[] = [
  'claude-code',
  'claude-desktop',
  'codex',
  'cursor',
  'vscode',
  'windsurf',
  'opencode',
  'gemini',
];

/** Whether a client can be connected in a scope: Claude Desktop and Windsurf read servers of the user alone. */
export function isInstallable(client: KtxAgentClient, scope: KtxAgentScope): boolean {
  return scope === 'global' || !['claude-desktop', 'windsurf'].includes(client);
}
