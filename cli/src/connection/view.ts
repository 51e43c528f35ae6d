/** Text output of `ktx connection`. */

import type { KtxConnectionChange, KtxConnectionTest, KtxProject } from '@kaelio/ktx';
import type { TableView } from '../output/print.js';
import { renderTable } from '../output/table.js';
import { pluralize } from '../output/text.js';
import type { Style } from '../terminal/style.js';

/** A connection with the result or the failure of its test. */
export type TestOutcome =
  | ({ ok: true } & KtxConnectionTest)
  | { ok: false; connectionId: string; error: { code: string; message: string; hint?: string; reason?: string } };

/** The connections of a project, and the selected environment if there are any. */
export function connectionsTable({ connections, environment, environments = [], configPath }: KtxProject): TableView {
  const columns = [{ title: 'CONNECTION' }, { title: 'DRIVER' }, { title: 'ACCESS' }, { title: 'TARGET' }];
  const rows = connections.map(({ id, driver, readonly, target }) => [
    id,
    driver,
    readonly ? 'read-only' : 'not read-only',
    target,
  ]);
  const empty = `No connections in ${configPath} yet: add one with ktx connection add ID\n`;
  if (environments.length === 0) return { columns, rows, empty };
  const others = environments.filter((name) => name !== environment);
  const available = others.length === 0 ? '' : ` (others: ${others.join(', ')})`;
  return { columns, rows, empty, notes: `\nEnvironment: ${environment ?? 'none'}${available}\n` };
}

/** Renders a successful test: the connection and the number of visible entities. */
export function renderTest(result: KtxConnectionTest): string {
  const limitations = (result.limitations ?? []).map((limitation) => `  ${limitation}\n`);
  return `Connected to ${result.connectionId} (${result.driver}): ${formatVisible(result)}\n${limitations.join('')}`;
}

/** Renders the tests of all connections. */
export async function renderTests(outcomes: readonly TestOutcome[], style: Style): Promise<string> {
  if (outcomes.length === 0) return 'No connections yet: add one with ktx connection add ID\n';
  const rows = outcomes.map((outcome) =>
    outcome.ok
      ? [outcome.connectionId, 'ok', formatVisible(outcome)]
      : [outcome.connectionId, 'failed', formatError(outcome.error)],
  );
  return renderTable([{ title: 'CONNECTION' }, { title: 'TEST' }, { title: 'RESULT' }], rows, style);
}

/** Renders an added or changed connection: its test, and where its secrets are stored. */
export function renderChange(verb: 'Added' | 'Changed', change: KtxConnectionChange): string {
  const tested = change.test === undefined ? 'not tested' : formatVisible(change.test);
  const stored = change.storedSecrets.map((path) => `Stored its secret in ${path}, which only you can read\n`);
  return `${verb} ${change.connectionId}: ${tested}\n${stored.join('')}`;
}

/** Renders a removed connection. */
export function renderRemoval({ connectionId, removedSecrets }: KtxConnectionChange): string {
  const secrets = removedSecrets.length === 0 ? '' : `, and ${pluralize(removedSecrets.length, 'stored secret')}`;
  return `Removed ${connectionId} from ktx.yaml${secrets}. Its scans and semantic sources are kept\n`;
}

function formatVisible({ tableCount, modelCount, exploreCount }: KtxConnectionTest): string {
  if (modelCount === undefined || exploreCount === undefined) return pluralize(tableCount, 'table');
  return `${pluralize(modelCount, 'model')}, ${pluralize(exploreCount, 'explore')}`;
}

function formatError({ message, hint }: { message: string; hint?: string }): string {
  return hint === undefined ? message : `${message}. ${hint}`;
}
