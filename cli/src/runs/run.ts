/** The recorded runs of a project, as the commands that made them show them. */

import { type KtxRunReport, listKtxRuns, readKtxRun } from '@kaelio/ktx';
import { printResult } from '../output/print.js';
import type { CliIo } from '../terminal/io.js';
import { type Style, styleOf } from '../terminal/style.js';

/** How many runs a list has. */
const RUNS_SHOWN = 20;

/** What the addon is called for. */
export interface RunStoreDeps {
  listKtxRuns?: typeof listKtxRuns;
  readKtxRun?: typeof readKtxRun;
}

/** Which runs are meant; `projectDir` is absolute. */
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
  const only = source === undefined ? {} : { source };
  const runs = await (deps.listKtxRuns ?? listKtxRuns)({ projectDir, ...only, limit: RUNS_SHOWN });
  await printResult(io, json, { runs }, () => render(runs, styleOf(io)));
}

/** Shows one run; `check` may refuse it. */
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
