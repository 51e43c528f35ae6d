/** The clients of agents that can be connected. */

import type { KtxAgentClient } from '@kaelio/ktx';

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
