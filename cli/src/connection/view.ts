/** Connections as people read them. */

import type { KtxConnectionTest, KtxProject } from '@kaelio/ktx';
import { renderTable } from '../output/table.js';
import { count } from '../output/text.js';
import type { Style } from '../terminal/style.js';

/** The connections of a project. */
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

/** A connection that was tested, and how much it can see. */
export function renderTest(result: KtxConnectionTest): string {
  return `Connected to ${result.connectionId} (${result.driver}): ${visible(result)}\n`;
}

function visible({ tableCount, modelCount, exploreCount }: KtxConnectionTest): string {
  if (modelCount === undefined || exploreCount === undefined) return count(tableCount, 'table');
  return `${count(modelCount, 'model')}, ${count(exploreCount, 'explore')}`;
}
