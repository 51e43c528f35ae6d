/** An answer of the server: chart, rows, SQL and plan. */

import type { KtxSemanticQueryResult } from '@kaelio/ktx';
import { useMemo } from 'react';
import { CopyButton } from '../../../view/parts/copy-button.js';
import { CodeBlock } from '../../../view/parts/name.js';
import { ResultChart } from '../chart/chart.js';
import type { FieldFacts } from '../chart/choose.js';
import { measureKey, measureOf } from '../model/edit.js';
import type { Model } from '../model/model.js';
import { Plan, Warnings } from './plan.js';
import { ResultTable } from './result-table.js';

/** The answer. A compiled query has no rows. */
export function Answer({ answer, model }: { answer: KtxSemanticQueryResult; model: Model }) {
  const facts = useMemo(() => factsOf(model), [model]);
  const { result, sql, dialect } = answer;
  return (
    <div className="answer">
      <Warnings answer={answer} />
      {result !== undefined && (
        <>
          <ResultChart answer={answer} facts={facts} />
          <ResultTable result={result} />
        </>
      )}
      <div>
        <h3>SQL ({dialect})</h3>
        <CopyButton text={sql} label="Copy the SQL" />
        <CodeBlock label="SQL">{sql}</CodeBlock>
      </div>
      <Plan answer={answer} model={model} />
    </div>
  );
}

/** What the model says of fields, `source.column` or `source.measure`, and of metrics. */
function factsOf({ sources, metrics, dialect }: Model): FieldFacts {
  const times = new Set<string>();
  const units = new Map(metrics.map(({ name, unit }) => [name, unit]));
  for (const { name: source, columns, measures } of sources) {
    for (const { name, type } of columns) if (type === 'time') times.add(`${source}.${name}`);
    for (const { name, unit } of measures) units.set(measureKey(measureOf(source, name, dialect)), unit);
  }
  return { isTime: (field) => times.has(field), unitOf: (measure) => units.get(measure) };
}
