/** The frame of a chart: axes, lines of the grid, and the width that it has. */

import { useLayoutEffect, useRef, useState } from 'react';
import { tickLabels } from './ticks.js';

/** Place of the plot within a chart, in pixels. */
export interface Plot {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** The width of an element, in pixels, as it is now. */
export function useWidth<T extends Element>(fallback: number): [React.RefObject<T | null>, number] {
  const element = useRef<T>(null);
  const [width, setWidth] = useState(fallback);
  useLayoutEffect(() => {
    if (element.current === null) return;
    const observer = new ResizeObserver(([entry]) =>
      setWidth(Math.max(240, Math.floor(entry?.contentRect.width ?? 0))),
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return [element, width];
}

/** A tick: its place in pixels. */
export interface Tick {
  at: number;
  label: string;
  /** A second line. */
  context?: string;
}

/** Ticks of numbers. */
export function numberTicks(values: readonly number[], scale: (value: number) => number): Tick[] {
  const labels = tickLabels(values);
  return values.map((value, index) => ({ at: scale(value), label: labels[index] ?? '' }));
}

/** Height of the title of an axis, in pixels. */
export const TITLE_HEIGHT = 16;

/** The vertical axis, with lines across the plot, and the unit of its numbers above it. */
export function LeftAxis({ ticks, plot, unit }: { ticks: Tick[]; plot: Plot; unit?: string | undefined }) {
  return (
    <g className="axis">
      {unit !== undefined && (
        <text className="axis-title" x={4} y={12}>
          {unit}
        </text>
      )}
      {ticks.map(({ at, label }) => (
        <g key={label} transform={`translate(0 ${at})`}>
          <line x1={plot.left} x2={plot.width - plot.right} />
          <text x={plot.left - 8} dy="0.32em" textAnchor="end">
            {label}
          </text>
        </g>
      ))}
    </g>
  );
}

interface BottomAxisProps {
  ticks: Tick[];
  plot: Plot;
  /** Whether it has lines across the plot. */
  grid?: boolean;
  /** Unit of its numbers. */
  unit?: string | undefined;
}

/** The horizontal axis. */
export function BottomAxis({ ticks, plot, grid = false, unit }: BottomAxisProps) {
  const bottom = plot.height - plot.bottom;
  return (
    <g className="axis">
      {unit !== undefined && (
        <text className="axis-title" x={plot.width - 4} y={plot.height - 4} textAnchor="end">
          {unit}
        </text>
      )}
      {!grid && <line x1={plot.left} x2={plot.width - plot.right} y1={bottom} y2={bottom} />}
      {ticks.map(({ at, label, context }) => (
        <g key={`${at} ${label}`} transform={`translate(${at} 0)`}>
          <line y1={grid ? plot.top : bottom} y2={grid ? bottom : bottom + 4} />
          <text y={bottom + 18} textAnchor="middle">
            {label}
          </text>
          {context !== undefined && (
            <text y={bottom + 33} textAnchor="middle">
              {context}
            </text>
          )}
        </g>
      ))}
    </g>
  );
}

/** Space for labels of an axis at the left, in pixels. */
export function labelSpace(labels: readonly string[]): number {
  return 16 + 7 * Math.max(1, ...labels.map(({ length }) => length));
}
