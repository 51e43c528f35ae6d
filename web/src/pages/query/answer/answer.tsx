/** An answer of the server: chart, rows, SQL and plan. */

import type { KtxSemanticQueryResult } from '@kaelio/ktx';
import { useCallback } from 'react';
import { CopyButton } from '../../../view/parts/copy-button.js';
import { CodeBlock } from '../../../view/parts/name.js';
import { ResultChart } from '../chart/chart.js';
import type { Model } from '../model/model.js';
import { Plan, Warnings } from './plan.js';
import { ResultTable } from './result-table.js';

/** The answer. A compiled query has no rows. */
export function Answer({ answer, model }: { answer: KtxSemanticQueryResult; model: Model }) {
  const isTime = useCallback((field: string) => isTimeOf(model, field), [model]);
  const { result, sql, dialect } = answer;
  return (
    <div className="answer">
      <Warnings answer={answer} />
      {result !== undefined && (
        <>
          <ResultChart answer={answer} isTime={isTime} />
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

/** Whether a field, `source.column`, is a time. */
function isTimeOf({ sources }: Model, field: string): boolean {
  return sources.some(
    ({ name, columns }) =>
      field.startsWith(`${name}.`) &&
      columns.some((column) => column.type === 'time' && field === `${name}.${column.name}`),
  );
}
