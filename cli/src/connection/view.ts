/** Text output of `ktx connection`. */

import type { KtxConnectionTest, KtxProject } from '@kaelio/ktx';
import type { TableView } from '../output/print.js';
import { pluralize } from '../output/text.js';

/** The connections of a project. */
export function connectionsTable({ connections, configPath }: KtxProject): TableView {
  const columns = [{ title: 'CONNECTION' }, { title: 'DRIVER' }, { title: 'ACCESS' }, { title: 'TARGET' }];
  const rows = connections.map(({ id, driver, readonly, target }) => [
    id,
    driver,
    readonly ? 'read-only' : 'not read-only',
    target,
  ]);
  return { columns, rows, empty: `No connections yet: add one to ${configPath}\n` };
}

/** Renders a successful test: the connection and the number of visible entities. */
export function renderTest(result: KtxConnectionTest): string {
  return `Connected to ${result.connectionId} (${result.driver}): ${formatVisible(result)}\n`;
}

function formatVisible({ tableCount, modelCount, exploreCount }: KtxConnectionTest): string {
  if (modelCount === undefined || exploreCount === undefined) return pluralize(tableCount, 'table');
  return `${pluralize(modelCount, 'model')}, ${pluralize(exploreCount, 'explore')}`;
}
