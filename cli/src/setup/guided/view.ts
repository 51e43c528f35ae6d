/** Text output of `ktx setup`. */

import { relative } from 'node:path';
import type { KtxAgentFile, KtxRunReport, KtxSemanticGeneration } from '@kaelio/ktx';
import { renderResult } from '../../output/result-table.js';
import { quoteForShell } from '../../output/shell.js';
import { renderProperties } from '../../output/table.js';
import { type CliIo, workingDirOf } from '../../terminal/io.js';
import { styleOf } from '../../terminal/style.js';
import type { FirstAnswer } from './question.js';
import { commandOf, labelOf } from './question.js';
import type { TableSelection } from './tables.js';

/** Result of the command. */
export interface GuidedSetup {
  projectDir: string;
  connectionId: string;
  selection: TableSelection;
  scan: KtxRunReport;
  generation: KtxSemanticGeneration;
  first: FirstAnswer | null;
  agents: KtxAgentFile[];
}

/** Renders the first answer and the next steps. `isOnly`: whether the project has no other database. */
export async function renderSetup(setup: GuidedSetup, isOnly: boolean, io: CliIo): Promise<string> {
  const style = styleOf(io);
  const { first, projectDir, connectionId } = setup;
  const dir = relative(workingDirOf(io), projectDir);
  const steps: [string, string][] = [
    ...(dir === '' ? [] : [[`cd ${quoteForShell(dir)}`, 'change to the project'] as [string, string]]),
    ...(first === null
      ? []
      : [[commandOf(first.query, isOnly ? undefined : connectionId), 'ask it again'] as [string, string]]),
    ['ktx sl list', `the semantic sources, in semantic-layer/${connectionId}: edit them, edits are kept`],
    ['ktx status', 'what works, and what is missing'],
    ...(setup.agents.length === 0 ? [['ktx agents install', 'connect an agent'] as [string, string]] : []),
  ];
  const next = `${style.bold('Next')}\n${(await renderProperties(steps, style)).replace(/^(?=.)/gm, '  ')}`;
  const result = first?.answer.result;
  if (first === null || result === undefined) return next;
  return `${style.bold(labelOf(first.query))}\n${await renderResult(result, io)}\n${next}`;
}
