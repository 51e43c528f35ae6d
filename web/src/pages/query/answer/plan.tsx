/** How a query is answered: as a diagram, and in words. */

import type { KtxSemanticQueryResult } from '@kaelio/ktx';
import { useMemo } from 'react';
import { explain } from '../../../../../cli/src/sl/explain.js';
import { Diagram } from '../../../view/parts/diagram.js';
import { DataText } from '../../../view/parts/name.js';
import type { Model } from '../model/model.js';
import { planGraph } from './plan-graph.js';

/** Sections of the explanation that are shown elsewhere. */
const ELSEWHERE = new Set(['Warnings', 'Limit']);

/** The plan. */
export function Plan({ answer, model }: { answer: KtxSemanticQueryResult; model: Model }) {
  const graph = useMemo(() => {
    const sources = new Map(model.sources.map(({ name, roleOf }) => [name, roleOf ?? name]));
    return planGraph(answer.plan, model.connectionId, (name) => sources.get(name));
  }, [answer, model]);
  const sections = explain(answer).filter(({ title }) => !ELSEWHERE.has(title));
  return (
    <section aria-labelledby="plan-title">
      <h3 id="plan-title">Plan</h3>
      <Diagram title="From the sources to the result" {...graph} />
      <dl className="plan">
        {sections.map(({ title, lines }) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>
              <ul>
                {lines.map((line, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: lines may be equal
                  <li key={index} className={line.startsWith('  ') ? 'detail' : undefined}>
                    <DataText>{line.trim()}</DataText>
                  </li>
                ))}
              </ul>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** Warnings of a plan. That about the limit is left out if the rows are all there. */
export function Warnings({ answer: { plan, result } }: { answer: KtxSemanticQueryResult }) {
  const isWhole = result !== undefined && !result.truncated;
  const shown = plan.warnings.filter((warning) => !isWhole || warning !== plan.limit_warning);
  if (shown.length === 0) return null;
  return (
    <ul className="notice warnings" aria-label="Warnings">
      {shown.map((warning) => (
        <li key={warning}>
          <DataText>{warning}</DataText>
        </li>
      ))}
    </ul>
  );
}
