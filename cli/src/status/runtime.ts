/** State of the managed runtime and its daemon. */

import type { ManagedPythonRuntimeStatus } from '@kaelio/ktx';
import type { StatusCalls } from './calls.js';
import type { StatusItem } from './item.js';

/** Command that installs or repairs the runtime. */
const INSTALL = 'ktx runtime install --yes';

/** The runtime, as the other checks need it, and its line. */
export interface RuntimeState {
  ready: boolean;
  item: StatusItem;
}

/** Reads the state of the runtime and of the daemon, and starts neither. */
export async function runtimeState(cliVersion: string, calls: StatusCalls): Promise<RuntimeState> {
  const runtime = await calls.readManagedPythonRuntimeStatus({ cliVersion });
  const item = { area: 'runtime', name: 'runtime' } as const;
  if (runtime.kind === 'missing') {
    const detail = 'not installed yet; the first command that needs it asks';
    return { ready: false, item: { ...item, state: 'warning', detail, fix: INSTALL } };
  }
  if (runtime.kind !== 'ready') {
    const detail = `${runtime.kind}: ${runtime.detail}`;
    return { ready: false, item: { ...item, state: 'problem', detail, fix: INSTALL } };
  }
  const { kind } = await calls.readManagedPythonDaemonStatus({ cliVersion });
  return { ready: true, item: { ...item, state: 'ok', detail: `${describeRuntime(runtime)}, daemon ${kind}` } };
}

function describeRuntime({ layout, manifest }: ManagedPythonRuntimeStatus): string {
  return [`ready, version ${layout.cliVersion}`, ...(manifest === undefined ? [] : manifest.features)].join(', ');
}
