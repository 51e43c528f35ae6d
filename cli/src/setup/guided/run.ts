/** Runs `ktx setup`: from nothing to an answer. Each step is complete in itself, so that a second run continues. */

import type { KtxProject } from '@kaelio/ktx';
import * as addon from '@kaelio/ktx';
import { isDatabase } from '../../connection/only-connection.js';
import { printResult } from '../../output/print.js';
import type { CliIo } from '../../terminal/io.js';
import { endProgress } from '../../terminal/progress.js';
import { type AgentFlags, connectAgents } from './agents.js';
import type { GuidedCalls } from './calls.js';
import { type ConnectionFlags, chooseConnection } from './connection.js';
import { openProject } from './project.js';
import { askFirstQuestion } from './question.js';
import { generateSources, scanTables } from './scan.js';
import type { Session } from './session.js';
import { selectTables, type TableSelection } from './tables.js';
import { type GuidedSetup, renderSetup } from './view.js';

/** Arguments of the command. */
export interface GuidedSetupArgs extends Omit<Session, 'io' | 'calls' | 'warnings'> {
  command: 'guided';
  projectName?: string;
  connection: ConnectionFlags;
  tables: TableSelection;
  /** Whether a first question is asked. */
  question: boolean;
  agents: AgentFlags;
  json?: true;
}

/** Runs the steps, and prints the answer and what to do next. */
export async function runGuidedSetup(
  args: GuidedSetupArgs,
  io: CliIo,
  deps: Partial<GuidedCalls> = {},
): Promise<number> {
  const session: Session = { ...args, io, calls: { ...addon, ...deps }, warnings: new Set() };
  try {
    const project = await openProject(session, args.projectName);
    const setup = await runSteps(args, session, project);
    endProgress(io);
    const isOnly = project.connections.every(({ id, driver }) => id === setup.connectionId || !isDatabase(driver));
    await printResult(io, args.json, setup, () => renderSetup(setup, isOnly, io));
    return 0;
  } finally {
    endProgress(io);
  }
}

async function runSteps(args: GuidedSetupArgs, session: Session, project: KtxProject): Promise<GuidedSetup> {
  const connectionId = await chooseConnection(session, project, args.connection);
  const { tables, selection } = await selectTables(session, connectionId, args.tables);
  const scan = await scanTables(session, connectionId);
  const generation = await generateSources(session, connectionId);
  const first = args.question ? await askFirstQuestion(session, connectionId, tables) : undefined;
  const agents = await connectAgents(session, args.agents);
  const { projectDir } = session;
  return { projectDir, connectionId, selection, scan, generation, first: first ?? null, agents };
}
