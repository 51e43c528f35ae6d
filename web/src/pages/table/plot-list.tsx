/** The profile of a column as small plots; each says in words what it draws. */

import { formatNumber, formatShare } from '../../site/format.js';
import { AxisPlot, Bar } from './plot-marks.js';
import type { ColumnPlots, PlottedRange } from './plots.js';
import { FrequentValues } from './values.js';

/** The plots of one column. */
export function Plots({ plots, column }: { plots: ColumnPlots; column: string }) {
  const { hidden, range, lengths, formats } = plots;
  return (
    <div className="plots">
      <div className="plot-row">
        <Nulls nulls={plots.nulls} />
        {plots.distinct !== null && (
          <span>
            {plots.unique ? <b>all distinct</b> : <b>{plots.distinct}</b>}
            <span className="weak">{plots.unique ? ` (${plots.distinct})` : ' distinct'}</span>
          </span>
        )}
      </div>
      {hidden !== undefined && <p className="hidden-values">Values are hidden: {hidden}</p>}
      {range !== undefined && <Range title="Range" range={range} />}
      {lengths !== undefined && <Range title="Length" range={lengths} unit=" characters" />}
      <FrequentValues plots={plots} column={column} />
      {formats.map((text) => (
        <p key={text} className="format weak">
          {text}
        </p>
      ))}
    </div>
  );
}

function Nulls({ nulls: { count, share } }: { nulls: ColumnPlots['nulls'] }) {
  if (share === null) return <span className="weak">no rows</span>;
  return (
    <span className="nulls">
      <Bar length={share} className="null-bar" />
      <span>
        <b>{count === 0 ? 'no' : formatShare(share)}</b>{' '}
        <span className="weak">{count === 0 ? 'nulls' : `null (${formatNumber(count)})`}</span>
      </span>
    </span>
  );
}

function Range({ title, range, unit = '' }: { title: string; range: PlottedRange; unit?: string }) {
  const { min, max, mean, axis } = range;
  return (
    <div className="range">
      <p>
        <span className="weak">{title} </span>
        {min === max ? (
          <bdi>{min}</bdi>
        ) : (
          <>
            <bdi>{min}</bdi>
            <span className="weak"> to </span>
            <bdi>{max}</bdi>
          </>
        )}
        {unit}
        {mean !== undefined && min !== max && <span className="weak">{`, mean ${mean}`}</span>}
      </p>
      {axis !== undefined && <AxisPlot axis={axis} />}
    </div>
  );
}
