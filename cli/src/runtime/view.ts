/** Text output of `ktx runtime`. */

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
import type { TableView } from '../output/print.js';
import { renderProperties } from '../output/table.js';
import { pluralize } from '../output/text.js';
import type { Style } from '../terminal/style.js';

/** Renders an installed runtime. */
export async function renderInstall(result: InstallManagedPythonRuntimeResult, style: Style): Promise<string> {
  const { layout, manifest } = result;
  const title = result.status === 'ready' ? 'The runtime is already installed' : 'Installed the runtime';
  const properties = await renderProperties(
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
  return `${style.green(title)}\n${properties}`;
}

/** Renders the state of the runtime and of the daemon. */
export function renderStatus(
  runtime: ManagedPythonRuntimeStatus,
  daemon: ManagedPythonDaemonStatus,
  style: Style,
): Promise<string> {
  const { layout, manifest } = runtime;
  const state = daemon.kind === 'stopped' ? undefined : daemon.state;
  return renderProperties(
    [
      ['Runtime', runtime.kind === 'ready' ? style.green('ready') : style.red(runtime.kind)],
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

/** Renders `PASS` and `FAIL` lines, with a `Fix:` line for each failure. */
export function renderChecks(checks: ManagedPythonRuntimeCheck[], style: Style): string {
  return checks
    .map(({ status, label, detail, fix }) => {
      const word = status === 'pass' ? style.green('PASS') : style.red('FAIL');
      const fixLine = fix === undefined ? '' : `      Fix: ${fix}\n`;
      return `${word}  ${label}: ${detail}\n${fixLine}`;
    })
    .join('');
}

/** The checks as rows. */
export function checksTable(checks: ManagedPythonRuntimeCheck[]): TableView {
  const columns = [{ title: 'STATUS' }, { title: 'CHECK' }, { title: 'DETAIL' }, { title: 'FIX' }];
  return { columns, rows: checks.map(({ status, label, detail, fix }) => [status, label, detail, fix]) };
}

/** The files of a bundle. */
export function bundleTable({ file, entries }: KtxDiagnosticBundle, style: Style): TableView {
  const columns = [{ title: 'FILE' }, { title: 'BYTES', align: 'right' as const }, { title: 'CONTENT' }];
  const rows = entries.map(({ name, bytes, about }) => [name, bytes, about]);
  const advice = 'Secrets and hosts were redacted, and nothing was sent: review it, then attach it to your report';
  return { title: `${style.green(`Wrote ${file}`)}\n`, columns, rows, notes: `${advice}\n` };
}

/** Renders the running daemon. */
export async function renderStart(result: ManagedPythonDaemonStartResult, style: Style): Promise<string> {
  const { layout, state, baseUrl } = result;
  const title = result.status === 'started' ? 'Started the daemon' : 'The daemon is already running';
  const properties = await renderProperties(
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
  return `${style.green(title)}\n${properties}`;
}

/** Renders the stop of the daemon of this version. */
export function renderStop(status: 'stopped' | 'already-stopped', state?: ManagedPythonDaemonState): string {
  if (status === 'already-stopped') return 'No daemon was running\n';
  return state === undefined ? 'Stopped the daemon\n' : `Stopped the daemon (process ${state.pid})\n`;
}

/** The daemons of all versions that were stopped. */
export function stoppedTable(daemons: StoppedManagedPythonDaemon[]): TableView {
  const columns = [{ title: 'STATUS' }, { title: 'PROCESS' }, { title: 'FOLDER' }];
  const rows = daemons.map(({ status, pid, versionDir }) => [status, pid, versionDir]);
  return { columns, rows, empty: 'No daemon was running\n' };
}

/** Renders the removed runtimes, or those that a dry run would remove. */
export function renderPrune(result: PruneManagedPythonRuntimesResult, dryRun: boolean): string {
  const dirs = dryRun ? result.stale : result.removed;
  const title = dryRun ? 'Would remove' : 'Removed';
  if (dirs.length === 0) return `Nothing to remove in ${result.runtimeRoot}\n`;
  const folders = dirs.map((folder) => `  ${folder}\n`).join('');
  return `${title} ${pluralize(dirs.length, 'runtime')}:\n${folders}`;
}
