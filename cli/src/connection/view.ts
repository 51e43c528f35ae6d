/** Text output of `ktx connection`. */

import type { KtxConnectionTest, KtxProject } from '@kaelio/ktx';
import { renderTable } from '../output/table.js';
import { pluralize } from '../output/text.js';
import type { Style } from '../terminal/style.js';

/** Renders the connections of a project. */
export async function renderConnections({ connections, configPath }: KtxProject, style: Style): Promise<string> {
  if (connections.length === 0) return `No connections yet: add one to ${configPath}\n`;
  const columns = [{ title: 'CONNECTION' }, { title: 'DRIVER' }, { title: 'ACCESS' }, { title: 'TARGET' }];
  const rows = connections.map(({ id, driver, readonly, target }) => [
    id,
    driver,
    readonly ? 'read-only' : 'not read-only',
    target,
  ]);
  return renderTable(columns, rows, style);
}

/** Renders a successful test: the connection and the number of visible entities. */
export function renderTest(result: KtxConnectionTest): string {
  return `Connected to ${result.connectionId} (${result.driver}): ${formatVisible(result)}\n`;
}

function formatVisible({ tableCount, modelCount, exploreCount }: KtxConnectionTest): string {
  if (modelCount === undefined || exploreCount === undefined) return pluralize(tableCount, 'table');
  return `${pluralize(modelCount, 'model')}, ${pluralize(exploreCount, 'explore')}`;
}
