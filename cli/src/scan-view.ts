/** Scans as people read them. */

import type { KtxRunReport } from '@kaelio/ktx';
import * as view from './run-view.js';
import type { Style } from './style.js';

const WORDS: view.RunWords = {
  title: ({ connectionId }) => `Scanned ${connectionId}`,
  base: 'last scan',
  none: 'No scans yet: start one with ktx scan ID',
  sources: false,
};

/** What one scan did. */
export function renderScan(report: KtxRunReport, style: Style): Promise<string> {
  return view.renderRun(report, WORDS, style);
}

/** The recorded scans, newest first. */
export function renderRuns(runs: KtxRunReport[], style: Style): Promise<string> {
  return view.renderRuns(runs, WORDS, style);
}

/** One recorded scan; `complete` names every change and every unit of work. */
export function renderReport(report: KtxRunReport, options: { complete: boolean }, style: Style): Promise<string> {
  return view.renderReport(report, options, WORDS, style);
}
