/** Marks of plots, drawn by attributes. What they show is said beside them. */

import type { Axis, Tick } from './axis.js';

/** A bar of a length from 0 to 1. */
export function Bar({ length, className }: { length: number; className: string }) {
  return (
    <svg className={`bar ${className}`} aria-hidden="true" focusable="false">
      <rect className="bar-base" width="100%" height="100%" />
      <rect className="bar-length" width={percent(length)} height="100%" />
    </svg>
  );
}

/** A range on an axis, with its mean. */
export function AxisPlot({ axis: { from, to, mean, ticks } }: { axis: Axis }) {
  return (
    <svg className="axis" aria-hidden="true" focusable="false">
      <line className="axis-line" x1="0" x2="100%" y1="10" y2="10" />
      <rect className="axis-range" x={percent(from)} width={percent(to - from)} y="7" height="6" rx="3" />
      {mean !== undefined && <circle className="axis-mean" cx={percent(mean)} cy="10" r="4.5" />}
      {ticks.map((tick) => (
        <AxisTick key={tick.at} tick={tick} />
      ))}
    </svg>
  );
}

function AxisTick({ tick: { at, label } }: { tick: Tick }) {
  // Labels at the ends stay within the plot.
  const anchor = at < 0.08 ? 'start' : at > 0.92 ? 'end' : 'middle';
  return (
    <>
      <line className="axis-line" x1={percent(at)} x2={percent(at)} y1="13" y2="18" />
      <text className="axis-label" x={percent(at)} y="30" textAnchor={anchor}>
        {label}
      </text>
    </>
  );
}

function percent(share: number): string {
  return `${Math.round(share * 1e4) / 100}%`;
}
