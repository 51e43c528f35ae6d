/** Draws a point for each row. */

import { scaleLinear } from 'd3-scale';
import type { ScatterChart } from './chart-spec.js';
import { BottomAxis, LeftAxis, labelSpace, numberTicks, type Plot, useWidth } from './frame.js';
import { rangeOf } from './line-chart.js';

const HEIGHT = 320;

/** Number of points up to which each has its name. */
const MAX_NAMES = 12;

/** The chart of two measures. */
export function ScatterDrawing({ chart }: { chart: ScatterChart }) {
  const [element, width] = useWidth<HTMLDivElement>(640);
  const { points } = chart;
  const y = scaleLinear(rangeOf(points.map((each) => each.y.number)), [HEIGHT - 46, 24]).nice(5);
  const marks = numberTicks(y.ticks(5), y);
  const left = labelSpace(marks.map(({ label }) => label));
  const plot: Plot = { width, height: HEIGHT, left, right: 20, top: 24, bottom: 46 };
  const x = scaleLinear(rangeOf(points.map((each) => each.x.number)), [left, width - plot.right]).nice(5);
  const ticks = numberTicks(x.ticks(Math.max(2, Math.floor(width / 100))), x);
  return (
    <div ref={element} className="chart-area">
      <svg width={width} height={HEIGHT} role="img" aria-label={`${chart.y} against ${chart.x}, as points`}>
        <LeftAxis ticks={marks} plot={plot} />
        <BottomAxis ticks={ticks} plot={plot} grid />
        <text className="axis-title" x={left} y={12}>
          {`↑ ${withUnit(chart.y, chart.yUnit)}`}
        </text>
        <text className="axis-title" x={width - plot.right} y={HEIGHT - 6} textAnchor="end">
          {`${withUnit(chart.x, chart.xUnit)} →`}
        </text>
        {points.map((point, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity
          <g key={index} className="point" transform={`translate(${x(point.x.number)} ${y(point.y.number)})`}>
            <title>{`${point.name}: ${chart.x} ${point.x.text}, ${chart.y} ${point.y.text}`}</title>
            <circle r="4.5" />
            {points.length <= MAX_NAMES && (
              <text
                x={x(point.x.number) > width * 0.7 ? -9 : 9}
                dy="0.32em"
                textAnchor={x(point.x.number) > width * 0.7 ? 'end' : 'start'}
              >
                {[...point.name].slice(0, 24).join('')}
              </text>
            )}
          </g>
        ))}
      </svg>
    </div>
  );
}

/** `revenue (EUR)` */
function withUnit(measure: string, unit: string | undefined): string {
  return unit === undefined ? measure : `${measure} (${unit})`;
}
