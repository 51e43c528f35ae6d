/** The numbers of changes of the runs, in the order of time. */

import type { KtxDiffSummary } from '@kaelio/ktx';
import { scaleSqrt } from 'd3-scale';
import { countOf, formatTime } from '../../site/format.js';
import { CHANGE_KINDS, CHANGE_SIGNS, diffInWords } from '../../site/run-words.js';
import type { TimelineRun } from './data.js';

/** Number of runs, the newest ones. */
const MAX_BARS = 60;

const STEP = 12;
const BAR = 8;
const UP = 56;
const DOWN = 24;

/** Bars of what each run has added and modified, and below the line of what it has deleted. */
export function Chart({ runs }: { runs: TimelineRun[] }) {
  const shown = runs
    .filter(({ status, dryRun }) => status === 'done' && !dryRun)
    .slice(0, MAX_BARS)
    .reverse();
  if (shown.length < 2) return null;
  const width = Math.max(shown.length, 24) * STEP;
  const scale = scaleSqrt([0, Math.max(...shown.map(greatest), 1)], [0, UP - 4]).clamp(true);
  return (
    <figure className="timeline-chart">
      {/* Runs without changes have a dot. */}
      <svg viewBox={`0 0 ${width} ${UP + DOWN}`} width={width} height={UP + DOWN} role="img" aria-label={label(shown)}>
        <line className="axis" x1={0} x2={width} y1={UP} y2={UP} />
        {shown.map((run, index) => (
          <Bar key={run.runId} run={run} x={index * STEP + (STEP - BAR) / 2} scale={scale} />
        ))}
      </svg>
      <figcaption>
        {CHANGE_KINDS.map((kind) => (
          <span key={kind} className={`change ${kind}`}>
            {CHANGE_SIGNS[kind]} {kind}
          </span>
        ))}
        <span className="weak">the {countOf(shown.length, 'newest run')}, heights by the square root</span>
      </figcaption>
    </figure>
  );
}

function greatest({ counts }: TimelineRun): number {
  return Math.max(counts.added + counts.modified, counts.deleted);
}

/** What the bars show, in words; each run is in the list below. */
function label(runs: TimelineRun[]): string {
  const first = runs[0] as TimelineRun;
  const last = runs.at(-1) as TimelineRun;
  return `Changes of ${countOf(runs.length, 'run')}, ${formatTime(first.startedAt)} to ${formatTime(last.startedAt)}`;
}

interface BarProps {
  run: TimelineRun;
  x: number;
  scale: (count: number) => number;
}

function Bar({ run, x, scale }: BarProps) {
  const { added, modified, deleted } = run.counts;
  const { top, modifiedHeight, deletedHeight } = heights(run.counts, scale);
  const title = `${formatTime(run.startedAt)} ${run.connectionId}: ${diffInWords(run)}`;
  return (
    <g>
      <title>{title}</title>
      {added + modified + deleted === 0 && <circle className="none" cx={x + BAR / 2} cy={UP} r={1.5} />}
      {added > 0 && <rect className="added" x={x} width={BAR} y={UP - top} height={round(top - modifiedHeight)} />}
      {modified > 0 && <rect className="modified" x={x} width={BAR} y={UP - modifiedHeight} height={modifiedHeight} />}
      {deleted > 0 && <rect className="deleted" x={x} width={BAR} y={UP + 1} height={deletedHeight} />}
    </g>
  );
}

function heights({ added, modified, deleted }: KtxDiffSummary, scale: (count: number) => number) {
  const top = round(scale(added + modified));
  const modifiedHeight = round((top * modified) / Math.max(added + modified, 1));
  return { top, modifiedHeight, deletedHeight: round(Math.min(scale(deleted), DOWN - 2)) };
}

function round(length: number): number {
  return Math.round(length * 10) / 10;
}
