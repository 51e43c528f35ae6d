/** Fourth and fifth step: the scan, and the semantic sources. */

import type { KtxRunReport, KtxSemanticGeneration } from '@kaelio/ktx';
import { pluralize } from '../../output/text.js';
import { createProgress } from '../../terminal/progress.js';
import { SETUP_SCAN } from '../scan-options.js';
import { connectionOptions, printNewWarnings, printStep, type Session } from './session.js';

/** Scans the connection. */
export async function scanTables(session: Session, connectionId: string): Promise<KtxRunReport> {
  const progress = createProgress(session.io);
  const { report } = await session.calls.runLocalScan({
    ...connectionOptions(session, connectionId),
    ...SETUP_SCAN,
    onProgress: (step) => progress(step.message, step),
  });
  const { added, modified, deleted, unchanged } = report.diffSummary;
  const changes = `${added} added, ${modified} modified, ${deleted} deleted`;
  const profiled = report.profile === undefined ? '' : `; ${report.profile.profiled} profiled`;
  printStep(session, `Scanned ${pluralize(added + modified + unchanged, 'table')}`, `${changes}${profiled}`);
  printNewWarnings(session, report.warnings);
  return report;
}

/** Generates the semantic sources of the connection. */
export async function generateSources(session: Session, connectionId: string): Promise<KtxSemanticGeneration> {
  createProgress(session.io)('Generating semantic sources');
  const generation = await session.calls.generateKtxSemanticSources(connectionOptions(session, connectionId));
  const folder = `semantic-layer/${connectionId}`;
  printStep(session, `Generated ${pluralize(generation.sources.length, 'semantic source')}`, folder);
  printNewWarnings(session, generation.warnings);
  return generation;
}
