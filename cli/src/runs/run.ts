/** Shows the recorded runs of a project. */

import { type KtxRunReport, listKtxRuns, readKtxRun } from '@kaelio/ktx';
import type { OutputOptions } from '../output/formats.js';
import { printResult, printTable } from '../output/print.js';
import type { CliIo } from '../terminal/io.js';
import { styleOf } from '../terminal/style.js';
import { changesTable, type RunViews } from './view.js';

/** Maximum runs of a list without `--all`. */
const MAX_RUNS = 20;

/** Functions of the addon that read the store; hosts and tests may replace them. */
export interface RunStoreDeps {
  listKtxRuns?: typeof listKtxRuns;
  readKtxRun?: typeof readKtxRun;
}

/** Selection of runs, and how they are printed; `projectDir` is absolute. */
export interface RunsRequest {
  projectDir: string;
  /** Only runs of this source. */
  source?: string;
  /** Every run, or every change of one. */
  all?: true | undefined;
  output: OutputOptions;
}

/** Lists the newest runs; one more is read, to report that there are older ones. */
export async function showRuns(request: RunsRequest, io: CliIo, deps: RunStoreDeps, views: RunViews): Promise<void> {
  const { projectDir, all, output } = request;
  const limit = all ? {} : { limit: MAX_RUNS + 1 };
  const found = await (deps.listKtxRuns ?? listKtxRuns)({ projectDir, ...sourceOf(request), ...limit });
  const runs = all ? found : found.slice(0, MAX_RUNS);
  const notes = found.length > runs.length ? 'There are older ones: list them with --all\n' : '';
  if (output.json) io.stderr.write(notes);
  await printTable(io, output, { runs }, (style) => ({ ...views.runsTable(runs, style), notes }));
}

/** Shows one run, which `status` shows without its warnings; `check` may reject it. */
export async function showRun(
  request: RunsRequest & { command: 'status' | 'report'; runId: string },
  io: CliIo,
  deps: RunStoreDeps,
  views: RunViews,
  check: (run: KtxRunReport) => void = () => {},
): Promise<void> {
  const { projectDir, runId, all = false, output, command } = request;
  const run = await (deps.readKtxRun ?? readKtxRun)({ projectDir, runId, ...sourceOf(request) });
  check(run);
  if (output.format !== undefined) return printTable(io, output, run, () => changesTable(run));
  const options = { all, withWarnings: command === 'report' };
  await printResult(io, output.json, run, () => views.renderReport(run, options, styleOf(io)));
}

function sourceOf({ source }: RunsRequest): { source?: string } {
  return source === undefined ? {} : { source };
}
