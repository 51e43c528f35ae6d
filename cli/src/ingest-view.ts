/** Ingest runs as people read them. */

import type { KtxRunReport } from '@kaelio/ktx';
import * as view from './run-view.js';
import type { Style } from './style.js';

const WORDS: view.RunWords = {
  title: ({ connectionId, source }) => `Ingested ${connectionId} with ${source}`,
  base: 'last sync',
  none: 'No runs yet: start one with ktx ingest run --connection-id ID --adapter ADAPTER',
  sources: true,
};

/** What one run did. */
export function renderIngest(report: KtxRunReport, style: Style): Promise<string> {
  return view.renderRun(report, WORDS, style);
}

/** The recorded runs of every adapter, newest first. */
export function renderRuns(runs: KtxRunReport[], style: Style): Promise<string> {
  return view.renderRuns(runs, WORDS, style);
}

/** One recorded run; `complete` names every change and every unit of work. */
export function renderReport(report: KtxRunReport, options: { complete: boolean }, style: Style): Promise<string> {
  return view.renderReport(report, options, WORDS, style);
}
