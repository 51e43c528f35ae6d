/** Shows the recorded runs of a project. */

import { type KtxRunReport, listKtxRuns, readKtxRun } from '@kaelio/ktx';
import { printResult } from '../output/print.js';
import type { CliIo } from '../terminal/io.js';
import { type Style, styleOf } from '../terminal/style.js';

/** Maximum runs of a list. */
const MAX_RUNS = 20;

/** Functions of the addon that read the store; hosts and tests may replace them. */
export interface RunStoreDeps {
  listKtxRuns?: typeof listKtxRuns;
  readKtxRun?: typeof readKtxRun;
}

/** Selection of runs; `projectDir` is absolute. */
export interface RunsRequest {
  projectDir: string;
  /** Only runs of this source. */
  source?: string;
  json: boolean;
}

/** Lists the newest runs. */
export async function showRuns(
  { projectDir, source, json }: RunsRequest,
  io: CliIo,
  deps: RunStoreDeps,
  render: (runs: KtxRunReport[], style: Style) => Promise<string>,
): Promise<void> {
  const filter = source === undefined ? {} : { source };
  const runs = await (deps.listKtxRuns ?? listKtxRuns)({ projectDir, ...filter, limit: MAX_RUNS });
  await printResult(io, json, { runs }, () => render(runs, styleOf(io)));
}

/** Shows one run; `check` may reject it. */
export async function showRun(
  { projectDir, runId, json }: { projectDir: string; runId: string; json: boolean },
  io: CliIo,
  deps: RunStoreDeps,
  render: (run: KtxRunReport, style: Style) => Promise<string>,
  check: (run: KtxRunReport) => void = () => {},
): Promise<void> {
  const run = await (deps.readKtxRun ?? readKtxRun)({ projectDir, runId });
  check(run);
  await printResult(io, json, run, () => render(run, styleOf(io)));
}
