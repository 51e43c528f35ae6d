/** Tables of connected clients. */

import { relative } from 'node:path';
import type { KtxAgentClient, KtxAgentFile, KtxAgentInstallation, KtxAgentStatus } from '@kaelio/ktx';
import type { TableView } from '../output/print.js';
import { quoteForShell } from '../output/shell.js';

const COLUMNS = [{ title: 'CLIENT' }, { title: 'FILE' }, { title: 'STATUS' }];

/** Which clients are found and connected. */
export function agentsTable(clients: KtxAgentStatus[]): TableView {
  const rows = clients.flatMap(({ client, detected, installations }) => {
    const found = detected ? 'found' : 'not found';
    if (installations.length === 0) return [[client, found, '', '']];
    return installations.map(({ scope, path }) => [client, found, scope, path]);
  });
  return { columns: [{ title: 'CLIENT' }, { title: 'HERE' }, { title: 'CONNECTED' }, { title: 'FILE' }], rows };
}

/** What the user asked for. */
interface InstalledOptions {
  dryRun: boolean;
  executeQueries: boolean;
  /** The connected clients, and the name of their server; the suggested command repeats both. */
  clients: readonly KtxAgentClient[];
  serverName?: string | undefined;
}

/** What was written, and the next step. */
export function installedTable(
  { files, workspaceDir, scope }: KtxAgentInstallation,
  { dryRun, executeQueries, clients, serverName }: InstalledOptions,
): TableView {
  const shown = scope === 'global' ? undefined : workspaceDir;
  const title = shown === undefined ? '' : `In ${shown}\n\n`;
  const table = { title, columns: COLUMNS, rows: rowsOf(files, shown) };
  if (dryRun) return { ...table, notes: '\nNothing was written (--dry-run)\n' };
  const words = [
    'ktx agents install',
    ...(scope === 'global' ? ['--global'] : []),
    ...(serverName === undefined ? [] : ['--name', quoteForShell(serverName)]),
    ...clients.map((client) => `--client ${client}`),
    '--execute-queries',
  ];
  const queries = executeQueries
    ? ''
    : `Agents get the SQL of a question; to let them run it, read-only: ${words.join(' ')}\n`;
  return { ...table, notes: `\n${queries}Start the client again to use it. Undo with: ktx agents remove\n` };
}

/** What was undone. */
export function removedTable(files: KtxAgentFile[], { dryRun }: { dryRun: boolean }): TableView {
  const kept = files.some(({ status }) => status === 'kept');
  const hint = kept ? '\nA file that was edited since is kept; remove it with: ktx agents remove --force\n' : '';
  const notes = files.length > 0 && dryRun ? `\nNothing was written (--dry-run)\n${hint}` : hint;
  return { columns: COLUMNS, rows: rowsOf(files, undefined), notes, empty: 'No client is connected\n' };
}

function rowsOf(files: KtxAgentFile[], folder: string | undefined): string[][] {
  return files.map(({ client, path, status }) => [
    client,
    folder === undefined ? path : relative(folder, path),
    status,
  ]);
}
