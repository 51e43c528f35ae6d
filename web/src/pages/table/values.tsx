/** Frequent values of a column. */

import { countOf, formatNumber, formatShare } from '../../site/format.js';
import { LongText } from '../../view/parts/long-text.js';
import { Bar } from './plot-marks.js';
import type { ColumnPlots, PlottedValue } from './plots.js';

/** Number of values that are shown at first. */
const FIRST = 8;

/** The values as bars; those after the first, and those that occur once, on request. */
export function FrequentValues({ plots: { values, valuesComplete }, column }: { plots: ColumnPlots; column: string }) {
  if (values.length === 0) return null;
  const title = valuesComplete ? `All ${countOf(values.length, 'value')}` : 'Most frequent values';
  const once = values.length > 1 && values.every(({ count }) => count === 1);
  const first = once ? [] : values.slice(0, FIRST);
  const others = values.slice(first.length);
  return (
    <div className="values">
      <p className="weak">{once ? `${title}, each in one row` : title}</p>
      {first.length > 0 && <Values values={first} label={`${title} of ${column}`} />}
      {others.length > 0 && (
        <details>
          <summary>{once ? 'Show them' : countOf(others.length, 'more value').replace('more values', 'more')}</summary>
          <Values values={others} label={`${title} of ${column}`} />
        </details>
      )}
    </div>
  );
}

function Values({ values, label }: { values: PlottedValue[]; label: string }) {
  return (
    <ul aria-label={label}>
      {values.map(({ text, count, length, share }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a number and a text may look the same, and values never change
        <li key={index}>
          <Value text={text} />
          <Bar length={length} className="value-bar" />
          <span className="number">
            {formatNumber(count)}
            {share !== null && <span className="weak">{` ${formatShare(share)}`}</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Value({ text }: { text: string }) {
  if (text.trim() === '') return <span className="weak">{text === '' ? 'empty text' : 'white space'}</span>;
  return <LongText limit={60}>{text}</LongText>;
}
