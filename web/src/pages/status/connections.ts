/** State of the connections: when they were read last. Nothing is connected to. */

import type { KtxRunReport } from '@kaelio/ktx';
import type { LoadContext } from '../../node/context.js';
import { driverTitle, isDatabase, shownTarget } from '../../node/database.js';
import { runRecord } from '../../node/project-data.js';
import { type CommandWords, readCommand } from '../../site/command-line.js';
import { formatTime } from '../../site/format.js';
import { newestRun, SCAN_SOURCE } from '../../site/run-summary.js';
import { countEntities } from '../../site/run-words.js';
import type { StatusItem } from './item.js';

/** Age from which a scan is reported as old: a week, in milliseconds. */
const STALE_AFTER = 7 * 24 * 60 * 60 * 1000;

/** A line for each connection, and one that says how to add the first. */
export async function connectionItems(context: LoadContext): Promise<StatusItem[]> {
  const { connections, environment } = context.project;
  if (connections.length === 0) {
    const command = ['ktx', 'setup'];
    return [{ area: 'connection', name: 'connections', state: 'problem', detail: 'none yet', command }];
  }
  const { runs, failure } = await runRecord(context);
  return connections.map((connection) => {
    const { id, driver, readonly } = connection;
    const item = { area: 'connection', name: id } as const;
    const database = isDatabase(context, connection);
    const target = shownTarget(connection, context);
    const title = [driverTitle(driver), ...(target === '' ? [] : [target])].join(', ');
    if (database && !readonly) {
      const fix = 'add readonly: true to it in ktx.yaml';
      return { ...item, state: 'problem', detail: `${title}: not marked as read-only`, fix };
    }
    const source = database ? SCAN_SOURCE : driver;
    if (failure !== null) return { ...item, state: 'unchecked', detail: `${title}: no run is known` };
    const newest = newestRun(runs, { connectionId: id, source, environment });
    return { ...item, ...describeNewest(title, newest, readCommand(id, driver, database), context) };
  });
}

function describeNewest(
  title: string,
  newest: KtxRunReport | undefined,
  command: CommandWords,
  { live }: LoadContext,
): Pick<StatusItem, 'state' | 'detail' | 'command' | 'page'> {
  if (newest === undefined) return { state: 'problem', detail: `${title}: not read yet`, command };
  const page = { page: 'run', name: newest.runId } as const;
  const at = newest.finishedAt ?? newest.startedAt;
  if (newest.status === 'failed') {
    const reason = live && newest.error !== null ? `: ${newest.error}` : '';
    return { state: 'problem', detail: `${title}: the last run failed at ${formatTime(at)}${reason}`, command, page };
  }
  const { added, modified, unchanged } = newest.diffSummary;
  const detail = `${title}: ${countEntities(added + modified + unchanged, newest.source)}, read ${formatTime(at)}`;
  if (Date.now() - Date.parse(at) < STALE_AFTER) return { state: 'ok', detail, page };
  return { state: 'warning', detail: `${detail}, more than a week ago`, command, page };
}
