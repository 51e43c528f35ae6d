/** The managed runtime and its daemon as people read them. */

import type {
  InstallManagedPythonRuntimeResult,
  KtxDiagnosticBundle,
  ManagedPythonDaemonStartResult,
  ManagedPythonDaemonState,
  ManagedPythonDaemonStatus,
  ManagedPythonRuntimeCheck,
  ManagedPythonRuntimeStatus,
  PruneManagedPythonRuntimesResult,
  StoppedManagedPythonDaemon,
} from '@kaelio/ktx';
import { renderFacts, renderTable } from '../output/table.js';
import { count } from '../output/text.js';
import type { Style } from '../terminal/style.js';

/** What an installation left. */
export async function renderInstall(result: InstallManagedPythonRuntimeResult, style: Style): Promise<string> {
  const { layout, manifest } = result;
  const title = result.status === 'ready' ? 'The runtime is installed already' : 'Installed the runtime';
  const facts = await renderFacts(
    [
      ['Version', manifest.cliVersion],
      ['Features', manifest.features.join(', ')],
      ['Python', manifest.python.executable],
      ['Daemon', manifest.python.daemonExecutable],
      ['Manifest', layout.manifestPath],
      ['Install log', manifest.installLog],
    ],
    style,
  );
  return `${style.good(title)}\n${facts}`;
}

/** What is there. */
export function renderStatus(
  runtime: ManagedPythonRuntimeStatus,
  daemon: ManagedPythonDaemonStatus,
  style: Style,
): Promise<string> {
  const { layout, manifest } = runtime;
  const state = daemon.kind === 'stopped' ? undefined : daemon.state;
  return renderFacts(
    [
      ['Runtime', runtime.kind === 'ready' ? style.good('ready') : style.bad(runtime.kind)],
      ['', runtime.kind === 'ready' ? undefined : runtime.detail],
      ['Version', layout.cliVersion],
      ['Features', manifest?.features.join(', ')],
      ['Installed', manifest?.installedAt],
      ['Python', manifest?.python.executable],
      ['Folder', layout.versionDir],
      ['Install log', manifest?.installLog],
      ['Daemon', daemon.kind],
      ['', daemon.detail],
      ['Process', state?.pid.toString()],
      ['Log', state?.stderrLog],
    ],
    style,
  );
}

/** `PASS`/`FAIL` lines, and how to mend what failed. */
export function renderChecks(checks: ManagedPythonRuntimeCheck[], style: Style): string {
  return checks
    .map(({ status, label, detail, fix }) => {
      const word = status === 'pass' ? style.good('PASS') : style.bad('FAIL');
      const mend = fix === undefined ? '' : `      Fix: ${fix}\n`;
      return `${word}  ${label}: ${detail}\n${mend}`;
    })
    .join('');
}

/** The files of a bundle. */
export async function renderBundle({ file, entries }: KtxDiagnosticBundle, style: Style): Promise<string> {
  const columns = [{ title: 'FILE' }, { title: 'BYTES', align: 'right' as const }, { title: 'CONTENT' }];
  const rows = entries.map(({ name, bytes, about }) => [name, String(bytes), about]);
  const advice = 'Secrets and hosts were replaced, and nothing was sent: read it, then attach it to your report';
  return `${style.good(`Wrote ${file}`)}\n${await renderTable(columns, rows, style)}${advice}\n`;
}

/** The daemon that runs now. */
export async function renderStart(result: ManagedPythonDaemonStartResult, style: Style): Promise<string> {
  const { layout, state, baseUrl } = result;
  const title = result.status === 'started' ? 'Started the daemon' : 'The daemon runs already';
  const facts = await renderFacts(
    [
      ['URL', baseUrl],
      ['Process', state.pid.toString()],
      ['Version', state.version],
      ['Features', state.features.join(', ')],
      ['State', layout.daemonStatePath],
      ['Log', layout.daemonStderrPath],
    ],
    style,
  );
  return `${style.good(title)}\n${facts}`;
}

/** What became of the daemon of this version. */
export function renderStop(status: 'stopped' | 'already-stopped', state?: ManagedPythonDaemonState): string {
  if (status === 'already-stopped') return 'No daemon was running\n';
  return state === undefined ? 'Stopped the daemon\n' : `Stopped the daemon (process ${state.pid})\n`;
}

/** What became of the daemons of all versions. */
export async function renderStopAll(daemons: StoppedManagedPythonDaemon[], style: Style): Promise<string> {
  if (daemons.length === 0) return 'No daemon was running\n';
  const columns = [{ title: 'STATUS' }, { title: 'PROCESS' }, { title: 'FOLDER' }];
  const rows = daemons.map(({ status, pid, versionDir }) => [status, pid?.toString() ?? '', versionDir]);
  return renderTable(columns, rows, style);
}

/** What was removed, or would be. */
export function renderPrune(result: PruneManagedPythonRuntimesResult, dryRun: boolean): string {
  const gone = dryRun ? result.stale : result.removed;
  const title = dryRun ? 'Would remove' : 'Removed';
  if (gone.length === 0) return `Nothing to remove in ${result.runtimeRoot}\n`;
  const folders = gone.map((folder) => `  ${folder}\n`).join('');
  return `${title} ${count(gone.length, 'runtime')}:\n${folders}`;
}
