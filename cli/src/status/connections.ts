/** State of the connections: whether they can be read, and when they were read last. */

import type { KtxProject, KtxProjectConnection, KtxRunReport } from '@kaelio/ktx';
import { isDatabase } from '../connection/only-connection.js';
import { quoteForShell } from '../output/shell.js';
import { formatAge, pluralize } from '../output/text.js';
import type { StatusCalls } from './calls.js';
import type { StatusItem } from './item.js';

/** Age from which a scan is reported as old: a week, in milliseconds. */
const STALE_AFTER = 7 * 24 * 60 * 60 * 1000;

/** Runs that are read to find the last one that was not a dry run. */
const MAX_RUNS = 20;

/** Returns a line for each connection, and one that says how to add the first. */
export async function connectionItems(project: KtxProject, calls: StatusCalls): Promise<StatusItem[]> {
  const { connections } = project;
  if (connections.length > 0) return Promise.all(connections.map((each) => connectionItem(each, project, calls)));
  const fix = 'ktx setup';
  return [{ area: 'connection', name: 'connections', state: 'problem', detail: 'none yet', fix }];
}

async function connectionItem(
  connection: KtxProjectConnection,
  { projectDir, environment }: KtxProject,
  calls: StatusCalls,
): Promise<StatusItem> {
  const { id, driver, readonly, target } = connection;
  const item = { area: 'connection', name: id } as const;
  const title = target === '' ? driver : `${driver}, ${target}`;
  if (isDatabase(driver) && !readonly) {
    const fix = 'add readonly: true to it in ktx.yaml';
    return { ...item, state: 'problem', detail: `${title}: not marked as read-only`, fix };
  }
  const runs = await calls.listKtxRuns({ projectDir, connectionId: id, source: sourceOf(driver), limit: MAX_RUNS });
  const isComparable = (run: KtxRunReport) => !run.dryRun && (run.environment ?? null) === (environment ?? null);
  const last = runs.find((run) => isComparable(run) && run.status !== 'running');
  return { ...item, ...describe(title, last, connection) };
}

type Described = Pick<StatusItem, 'state' | 'detail' | 'fix' | 'at'>;

function describe(title: string, last: KtxRunReport | undefined, { id, driver }: KtxProjectConnection): Described {
  const command = scanCommand(id, driver);
  if (last === undefined) return { state: 'problem', detail: `${title}: not scanned yet`, fix: command };
  const at = last.finishedAt ?? last.startedAt;
  const age = Date.now() - Date.parse(at);
  if (last.status === 'failed') {
    const detail = `${title}: the last run failed ${formatAge(age)}: ${last.error ?? 'no reason was recorded'}`;
    return { state: 'problem', detail, fix: command, at };
  }
  const { added, modified, unchanged } = last.diffSummary;
  const detail = `${title}: ${countOf(added + modified + unchanged, driver)}, read ${formatAge(age)}`;
  return age < STALE_AFTER ? { state: 'ok', detail, at } : { state: 'warning', detail, fix: command, at };
}

function countOf(entities: number, driver: string): string {
  return isDatabase(driver) ? pluralize(entities, 'table') : pluralize(entities, 'entity', 'entities');
}

function sourceOf(driver: string): string {
  return isDatabase(driver) ? 'live-database' : driver;
}

function scanCommand(id: string, driver: string): string {
  const name = quoteForShell(id);
  return isDatabase(driver) ? `ktx scan ${name}` : `ktx ingest run --connection-id ${name} --adapter ${driver}`;
}
