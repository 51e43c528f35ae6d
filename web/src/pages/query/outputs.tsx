/** The query as a command and as a call of MCP. */

import { CopyButton } from '../../view/parts/copy-button.js';
import { CodeBlock } from '../../view/parts/name.js';
import { useShell } from '../../view/shell.js';
import { useSite } from '../../view/site-context.js';
import { commandOf, mcpCallOf } from './model/command.js';
import type { QueryState } from './model/query-state.js';

/** Both, side by side if there is space. */
export function Outputs({ connectionId, state }: { connectionId: string; state: QueryState }) {
  const [shell] = useShell();
  const command = commandOf(connectionId, state, { shell, environment: useSite().environment });
  const call = mcpCallOf(connectionId, state);
  return (
    <div className="outputs">
      <div>
        <h3>Command</h3>
        <CopyButton text={command} label="Copy the command" />
        <CodeBlock label="Command">{command}</CodeBlock>
      </div>
      <div>
        <h3>MCP call</h3>
        <CopyButton text={call} label="Copy the MCP call" />
        <CodeBlock label="MCP call">{call}</CodeBlock>
      </div>
    </div>
  );
}
