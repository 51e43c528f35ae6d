/** Draws lines over time. */

import { scaleLinear, scaleUtc } from 'd3-scale';
import {
  line,
  symbol,
  symbolCircle,
  symbolCross,
  symbolDiamond,
  symbolSquare,
  symbolStar,
  symbolTriangle,
  symbolWye,
} from 'd3-shape';
import type { LineChart, Series, TimePoint } from './chart-spec.js';
import { BottomAxis, LeftAxis, labelSpace, numberTicks, type Plot, TITLE_HEIGHT, useWidth } from './frame.js';
import { timeLabels } from './ticks.js';

/** Number of points up to which each has a mark. */
const MAX_MARKS = 80;

const HEIGHT = 270;
const BOTTOM = 40;
const SYMBOLS = [symbolCircle, symbolSquare, symbolTriangle, symbolDiamond, symbolCross, symbolStar, symbolWye];

/** The mark of a line: colour is not the only difference. */
export function markOf(index: number, size = 40): string {
  return symbol(SYMBOLS[index % SYMBOLS.length] ?? symbolCircle, size)() ?? '';
}

/** The chart of one measure. */
export function LineDrawing({ chart }: { chart: LineChart }) {
  const [element, width] = useWidth<HTMLDivElement>(640);
  const points = chart.series.flatMap((series) => series.points.filter((point) => point !== null));
  const [low, high] = rangeOf(points.map(({ value }) => value.number));
  const top = 10 + (chart.unit === undefined ? 0 : TITLE_HEIGHT);
  const y = scaleLinear([low, high], [HEIGHT - BOTTOM, top]).nice(5);
  const marks = numberTicks(y.ticks(5), y);
  const plot: Plot = {
    width,
    height: HEIGHT,
    left: labelSpace(marks.map(({ label }) => label)),
    right: 16,
    top,
    bottom: BOTTOM,
  };
  const x = scaleUtc(chart.range, [plot.left + 8, width - plot.right - 8]);
  const ticks = x.ticks(Math.max(2, Math.floor(width / 90)));
  const labels = timeLabels(ticks);
  const place = (point: TimePoint): [number, number] => [x(point.time), y(point.value.number)];
  return (
    <div ref={element} className="chart-area">
      <svg width={width} height={HEIGHT} role="img" aria-label={`${chart.measure} by ${chart.time}, as lines`}>
        <LeftAxis ticks={marks} plot={plot} unit={chart.unit} />
        <BottomAxis ticks={ticks.map((each, index) => ({ at: x(each), label: '', ...labels[index] }))} plot={plot} />
        {chart.series.map((series, index) => (
          <Line key={series.name ?? ''} series={series} index={index} place={place} all={points.length <= MAX_MARKS} />
        ))}
      </svg>
    </div>
  );
}

interface LineProps {
  series: Series;
  index: number;
  place: (point: TimePoint) => [number, number];
  /** Whether all points have marks, and not only those without a neighbour. */
  all: boolean;
}

function Line({ series: { name, points }, index, place, all }: LineProps) {
  const path = line<TimePoint | null>()
    .defined((point) => point !== null)
    .x((point) => (point === null ? 0 : place(point)[0]))
    .y((point) => (point === null ? 0 : place(point)[1]));
  const isAlone = (at: number) => (points[at - 1] ?? null) === null && (points[at + 1] ?? null) === null;
  return (
    <g className={`series series-${index}`}>
      <path className="line" d={path(points) ?? ''} />
      {points.map((point, at) => {
        if (point === null || !(all || isAlone(at))) return null;
        const [left, top] = place(point);
        return (
          <path
            key={`${point.time} ${point.label}`}
            className="mark"
            d={markOf(index)}
            transform={`translate(${left} ${top})`}
          >
            <title>{`${name === null ? '' : `${name}, `}${point.label}: ${point.value.text}`}</title>
          </path>
        );
      })}
    </g>
  );
}

/** The range of the axis: with 0, unless the values are far from it. */
export function rangeOf(values: readonly number[]): [number, number] {
  const low = values.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY);
  const high = values.reduce((most, each) => Math.max(most, each), Number.NEGATIVE_INFINITY);
  if (low > high) return [0, 1];
  if (low === high) return low === 0 ? [0, 1] : [Math.min(0, low), Math.max(0, low)];
  if (low > 0 && low < 2 * (high - low)) return [0, high];
  if (high < 0 && -high < 2 * (high - low)) return [low, 0];
  return [low, high];
}
