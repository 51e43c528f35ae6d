/** Measures of a source. */

import type { KtxSemanticBalance, KtxSemanticConversion, KtxSemanticMeasure } from '@kaelio/ktx';
import { anchorOf } from '../../site/anchor.js';
import { DataText, Name } from '../../view/parts/name.js';
import { findingsOf } from '../../view/parts/validation.js';
import { AskLink } from '../query/ask-link.js';
import { measureOf } from '../query/model/edit.js';
import type { SourceData } from './data.js';

interface MeasuresProps {
  data: SourceData;
  /** What the validation of the connection has found. */
  errors: string[];
}

/** The section of the measures. */
export function Measures({ data: { connectionId, dialect, source }, errors }: MeasuresProps) {
  const { name: sourceName, measures = [] } = source;
  return (
    <>
      <h2>Measures</h2>
      {measures.length === 0 ? (
        <p className="weak">No measures: aggregates of its rows, such as sum(amount).</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls
        <section className="scroll" aria-label="Measures" tabIndex={0}>
          <table className="measures">
            <thead>
              <tr>
                <th scope="col">Measure</th>
                <th scope="col">Expression</th>
                <th scope="col">Unit</th>
                <th scope="col">Query</th>
              </tr>
            </thead>
            <tbody>
              {measures.map((measure) => (
                <tr key={measure.name} id={anchorOf('measure', measure.name)}>
                  <th scope="row">
                    <Name>{measure.name}</Name>
                    {findingsOf(errors, sourceName, `measure '${measure.name}'`).length > 0 && (
                      <>
                        {' '}
                        <span className="badge failed">broken</span>
                      </>
                    )}
                    <Text measure={measure} />
                  </th>
                  <td>
                    <Name>{measure.expr}</Name>
                    <Details measure={measure} />
                  </td>
                  <td>
                    {measure.unit !== undefined && <DataText>{measure.unit}</DataText>}
                    {measure.format !== undefined && (
                      <span className="detail">
                        format <Name>{measure.format}</Name>
                      </span>
                    )}
                  </td>
                  <td>
                    <AskLink
                      connectionId={connectionId}
                      query={{ measures: [measureOf(sourceName, measure.name, dialect)] }}
                      of={measure.name}
                    />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </>
  );
}

function Text({ measure: { description, synonyms = [] } }: { measure: KtxSemanticMeasure }) {
  return (
    <>
      {description !== undefined && (
        <span className="detail">
          <DataText>{description}</DataText>
        </span>
      )}
      {synonyms.length > 0 && (
        <span className="detail">
          also: <DataText>{synonyms.join(', ')}</DataText>
        </span>
      )}
    </>
  );
}

/** What else says which rows count, and how. */
function Details({ measure }: { measure: KtxSemanticMeasure }) {
  const { filter, segments = [], time, semi_additive, followed_by, paths = {}, fill_nulls_with } = measure;
  return (
    <>
      {filter !== undefined && <Detail title="where" code={filter} />}
      {segments.length > 0 && <Detail title="in the segments" code={segments.join(', ')} />}
      {time !== undefined && <Detail title="metric_time reads" code={time} />}
      {semi_additive !== undefined && <Balance balance={semi_additive} />}
      {followed_by !== undefined && <Conversion conversion={followed_by} />}
      {Object.entries(paths).map(([name, path]) => (
        <Detail key={name} title={`${name} over`} code={path} />
      ))}
      {fill_nulls_with !== undefined && <Detail title="groups without rows are" code={String(fill_nulls_with)} />}
    </>
  );
}

const TAKES: Record<NonNullable<KtxSemanticBalance['take']>, string> = {
  first: 'the first time counts',
  last: 'the last time counts',
  average: 'the times are averaged',
};

function Balance({ balance: { over, take = 'last', per = [] } }: { balance: KtxSemanticBalance }) {
  return (
    <span className="detail">
      a balance over <Name>{over}</Name>: {TAKES[take]}
      {per.length > 0 && (
        <>
          {' '}
          of each <Name>{per.join(', ')}</Name>
        </>
      )}
    </span>
  );
}

function Conversion({ conversion }: { conversion: KtxSemanticConversion }) {
  const { source, on, within, filter, time } = conversion;
  return (
    <span className="detail">
      followed within <DataText>{within}</DataText> by a row of <Name>{source}</Name> with <Name>{on}</Name>
      {filter !== undefined && (
        <>
          , where <Name>{filter}</Name>
        </>
      )}
      {time !== undefined && (
        <>
          , by its time <Name>{time}</Name>
        </>
      )}
    </span>
  );
}

function Detail({ title, code }: { title: string; code: string }) {
  return (
    <span className="detail">
      <bdi>{title}</bdi> <Name>{code}</Name>
    </span>
  );
}
