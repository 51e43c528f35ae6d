/** The chart of a result, in one of the kinds that fit. */

import type { KtxSemanticQueryResult } from '@kaelio/ktx';
import { useMemo, useState } from 'react';
import { BarDrawing } from './bar-chart.js';
import type { Chart, LineChart } from './chart-spec.js';
import { chooseChart, type FieldFacts } from './choose.js';
import { LineDrawing, markOf } from './line-chart.js';
import { ScatterDrawing } from './scatter-chart.js';
import './chart.css';

const KINDS: Record<Chart['kind'], string> = { line: 'Lines', bars: 'Bars', scatter: 'Points' };

interface ResultChartProps {
  answer: KtxSemanticQueryResult;
  facts: FieldFacts;
}

/** The chart, or the reason why there is none. The table has all of its values. */
export function ResultChart({ answer, facts }: ResultChartProps) {
  const { options, reason, notes } = useMemo(() => chooseChart(answer, facts), [answer, facts]);
  const [wanted, setWanted] = useState<Chart['kind']>();
  const chosen = options.find(({ kind }) => kind === wanted) ?? options[0];
  if (chosen === undefined) return <p className="weak">No chart: {reason}.</p>;
  const rows = answer.result?.rows.length ?? 0;
  return (
    <section className="chart" aria-labelledby="chart-title">
      <h3 id="chart-title">Chart</h3>
      {options.length > 1 && (
        <fieldset className="choices">
          <legend className="visually-hidden">Kind of chart</legend>
          {options.map(({ kind }) => (
            <label key={kind}>
              <input type="radio" name="chart-kind" checked={kind === chosen.kind} onChange={() => setWanted(kind)} />{' '}
              {KINDS[kind]}
            </label>
          ))}
        </fieldset>
      )}
      {answer.result?.truncated === true && (
        <p className="notice">The chart shows the first {rows} rows only: the result has more.</p>
      )}
      {chosen.charts.map((chart, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the order of the measures
        <Figure key={index} chart={chart} />
      ))}
      {[...notes, ...omissions(chosen.charts)].map((note) => (
        <p key={note} className="weak">
          {note}.
        </p>
      ))}
    </section>
  );
}

function Figure({ chart }: { chart: Chart }) {
  return (
    <figure>
      <figcaption>
        <bdi>{chart.kind === 'scatter' ? `${chart.y} against ${chart.x}` : chart.measure}</bdi>
      </figcaption>
      {chart.kind === 'line' && <Legend chart={chart} />}
      {chart.kind === 'line' && <LineDrawing chart={chart} />}
      {chart.kind === 'bars' && <BarDrawing chart={chart} />}
      {chart.kind === 'scatter' && <ScatterDrawing chart={chart} />}
    </figure>
  );
}

/** Names of the lines, with their marks. */
function Legend({ chart: { series } }: { chart: LineChart }) {
  if (series.every(({ name }) => name === null)) return null;
  return (
    <ul className="legend">
      {series.map(({ name }, index) => (
        <li key={name}>
          <svg width="28" height="12" aria-hidden="true" className={`series series-${index}`}>
            <line className="line" x1="0" x2="28" y1="6" y2="6" />
            <path className="mark" d={markOf(index)} transform="translate(14 6)" />
          </svg>
          <bdi>{name}</bdi>
        </li>
      ))}
    </ul>
  );
}

function omissions(charts: Chart[]): string[] {
  const [chart] = charts;
  if (chart?.kind !== 'bars' || chart.omitted === 0) return [];
  return [`The first ${chart.bars.length} rows have bars; ${chart.omitted} more are in the table`];
}
