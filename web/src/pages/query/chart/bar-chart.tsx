/** Draws horizontal bars. */

import { scaleBand, scaleLinear } from 'd3-scale';
import type { BarChart } from './chart-spec.js';
import { BottomAxis, numberTicks, type Plot, TITLE_HEIGHT, useWidth } from './frame.js';

const ROW = 26;

/** Longest label, in characters. */
const MAX_LABEL = 28;

/** The chart of one measure. */
export function BarDrawing({ chart: { bars, measure, unit, category } }: { chart: BarChart }) {
  const [element, width] = useWidth<HTMLDivElement>(640);
  const labels = bars.map(({ name }) => shorten(name, Math.min(MAX_LABEL, Math.floor(width / 20))));
  const numbers = bars.flatMap(({ value }) => (value === null ? [] : [value.number]));
  const texts = bars.map(({ value }) => value?.text ?? 'NULL');
  const left = 16 + 7.2 * Math.max(1, ...labels.map(({ length }) => length));
  // The values are written behind the bars.
  const right = 12 + 7.5 * Math.max(1, ...texts.map(({ length }) => Math.min(length, 24)));
  const bottom = 28 + (unit === undefined ? 0 : TITLE_HEIGHT);
  const plot: Plot = {
    width,
    height: bars.length * ROW + 6 + bottom,
    left,
    right: Math.min(right, width / 3),
    top: 6,
    bottom,
  };
  const ends = [Math.min(0, ...numbers), Math.max(0, ...numbers)];
  const x = scaleLinear(ends[0] === ends[1] ? [0, 1] : ends, [plot.left, width - plot.right]).nice(4);
  const y = scaleBand(
    bars.map((_, index) => index),
    [plot.top, plot.height - plot.bottom],
  ).padding(0.25);
  const ticks = numberTicks(x.ticks(Math.max(2, Math.floor((width - plot.left) / 90))), x);
  return (
    <div ref={element} className="chart-area">
      <svg width={width} height={plot.height} role="img" aria-label={`${measure} by ${category}, as bars`}>
        <BottomAxis ticks={ticks} plot={plot} grid unit={unit} />
        {bars.map(({ name, value, isNull }, index) => {
          const [from, to] = [x(0), x(value?.number ?? 0)];
          const middle = (y(index) ?? 0) + y.bandwidth() / 2;
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity
            <g key={index} className="bar">
              <title>{`${name}: ${texts[index]}`}</title>
              {value !== null && (
                <rect x={Math.min(from, to)} y={y(index)} width={Math.abs(to - from)} height={y.bandwidth()} />
              )}
              <text className={isNull ? 'null' : undefined} x={plot.left - 8} y={middle} dy="0.32em" textAnchor="end">
                {labels[index]}
              </text>
              <text className={value === null ? 'null' : 'value'} x={Math.max(from, to) + 6} y={middle} dy="0.32em">
                {texts[index]}
              </text>
            </g>
          );
        })}
      </svg>
    </div>
  );
}

/** The start of a text, in one line. */
function shorten(text: string, length: number): string {
  const line = text.replace(/\s+/g, ' ');
  const characters = [...line];
  return characters.length <= length ? line : `${characters.slice(0, Math.max(1, length - 1)).join('')}…`;
}
