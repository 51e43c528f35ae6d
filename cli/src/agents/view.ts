/** Connected clients as people read them. */

import { relative } from 'node:path';
import type { KtxAgentFile, KtxAgentInstallation, KtxAgentStatus } from '@kaelio/ktx';
import { renderTable } from '../output/table.js';
import type { Style } from '../terminal/style.js';

const COLUMNS = [{ title: 'CLIENT' }, { title: 'FILE' }, { title: '' }];

/** Which clients are found and connected. */
export async function renderAgents(clients: KtxAgentStatus[], style: Style): Promise<string> {
  const rows = clients.flatMap(({ client, detected, installations }) => {
    const found = detected ? 'found' : 'not found';
    if (installations.length === 0) return [[client, found, '', '']];
    return installations.map(({ scope, path }) => [client, found, scope, path]);
  });
  return renderTable([{ title: 'CLIENT' }, { title: 'HERE' }, { title: 'CONNECTED' }, { title: 'FILE' }], rows, style);
}

/** What was written, and the next step. */
export async function renderInstalled(
  { files, workspaceDir, scope }: KtxAgentInstallation,
  { dryRun, executeQueries }: { dryRun: boolean; executeQueries: boolean },
  style: Style,
): Promise<string> {
  const shown = scope === 'global' ? undefined : workspaceDir;
  const table = await renderTable(COLUMNS, rowsOf(files, shown), style);
  const begin = shown === undefined ? '' : `In ${shown}\n\n`;
  if (dryRun) return `${begin}${table}\nNothing was written (--dry-run)\n`;
  const queries = executeQueries
    ? ''
    : 'Agents get the SQL of a question; to let them run it, read-only: ktx agents install --execute-queries\n';
  return `${begin}${table}\n${queries}Start the client again to use it. Undo with: ktx agents remove\n`;
}

/** What was undone. */
export async function renderRemoved(
  files: KtxAgentFile[],
  { dryRun }: { dryRun: boolean },
  style: Style,
): Promise<string> {
  if (files.length === 0) return 'No client is connected\n';
  const table = await renderTable(COLUMNS, rowsOf(files, undefined), style);
  const kept = files.some(({ status }) => status === 'kept');
  const hint = kept ? '\nA file that was edited since is kept; remove it with: ktx agents remove --force\n' : '';
  return `${table}${dryRun ? '\nNothing was written (--dry-run)\n' : ''}${hint}`;
}

function rowsOf(files: KtxAgentFile[], folder: string | undefined): string[][] {
  return files.map(({ client, path, status }) => [
    client,
    folder === undefined ? path : relative(folder, path),
    status,
  ]);
}
