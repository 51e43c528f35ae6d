/** State of what is on this machine: runtime and daemon, index of the search, agents. Nothing is started or changed. */

import { stat } from 'node:fs/promises';
import path from 'node:path';
import {
  listKtxAgents,
  type ManagedPythonRuntimeStatus,
  readManagedPythonDaemonStatus,
  readManagedPythonRuntimeStatus,
} from '@kaelio/ktx';
import type { LoadContext } from '../../node/context.js';
import { formatTime } from '../../site/format.js';
import { bytesInWords } from '../../site/run-words.js';
import type { StatusItem } from './item.js';
import { packageVersion } from './version.js';

/** Command that installs or repairs the runtime. */
const INSTALL = ['ktx', 'runtime', 'install', '--yes'];

/** Time that the daemon has to answer, in milliseconds. */
const DAEMON_MS = 200;

/** A line for each of them. */
export async function machineItems(context: LoadContext): Promise<StatusItem[]> {
  const cliVersion = await packageVersion();
  const runtime = await readManagedPythonRuntimeStatus({ cliVersion });
  const [daemon, index, agents] = await Promise.all([
    runtime.kind === 'ready' ? daemonItem(cliVersion) : [],
    searchItem(context, runtime),
    agentsItem(context),
  ]);
  return [index, runtimeItem(runtime), ...[daemon].flat(), agents];
}

function runtimeItem({ kind, detail, layout, manifest }: ManagedPythonRuntimeStatus): StatusItem {
  const item = { area: 'runtime', name: 'runtime' } as const;
  if (kind === 'ready') {
    const features = manifest === undefined ? [] : manifest.features;
    return { ...item, state: 'ok', detail: [`ready, version ${layout.cliVersion}`, ...features].join(', ') };
  }
  if (kind !== 'missing') return { ...item, state: 'problem', detail: `${kind}: ${detail}`, command: INSTALL };
  const missing = 'not installed yet; the first command that needs it asks';
  return { ...item, state: 'warning', detail: missing, command: INSTALL };
}

async function daemonItem(cliVersion: string): Promise<StatusItem> {
  const item = { area: 'runtime', name: 'daemon' } as const;
  const slow = new Promise<undefined>((resolve) => setTimeout(resolve, DAEMON_MS, undefined).unref());
  const status = await Promise.race([readManagedPythonDaemonStatus({ cliVersion }), slow]);
  if (status === undefined) {
    return {
      ...item,
      state: 'warning',
      detail: `no answer within ${DAEMON_MS} ms`,
      command: ['ktx', 'runtime', 'status'],
    };
  }
  if (status.kind === 'running') return { ...item, state: 'ok', detail: `running, version ${status.state.version}` };
  if (status.kind === 'stopped') return { ...item, state: 'ok', detail: 'not running; commands start it' };
  return { ...item, state: 'warning', detail: `stale: ${status.detail}`, command: ['ktx', 'runtime', 'stop'] };
}

/** The index of the search, and whether similar meaning is found. */
async function searchItem({ project }: LoadContext, runtime: ManagedPythonRuntimeStatus): Promise<StatusItem> {
  const item = { area: 'search', name: 'index', state: 'ok' } as const;
  const name = project.environment === undefined ? 'search.sqlite' : `search-${project.environment}.sqlite`;
  const meaning = runtime.manifest?.features.includes('local-embeddings') === true;
  const finds = meaning ? 'words, values and similar meaning' : 'words and values';
  const found = await stat(path.join(project.projectDir, '.ktx', name)).catch(() => undefined);
  if (found === undefined) return { ...item, detail: 'not built yet; the first search builds it' };
  const updated = formatTime(found.mtime.toISOString());
  return { ...item, detail: `${bytesInWords(found.size)}, updated ${updated}; finds ${finds}` };
}

async function agentsItem({ project: { projectDir } }: LoadContext): Promise<StatusItem> {
  const item = { area: 'agents', name: 'agents' } as const;
  const connected = (await listKtxAgents({ projectDir })).filter(({ installations }) => installations.length > 0);
  if (connected.length > 0) return { ...item, state: 'ok', detail: connected.map(({ title }) => title).join(', ') };
  return { ...item, state: 'warning', detail: 'none connected', command: ['ktx', 'agents', 'install'] };
}
