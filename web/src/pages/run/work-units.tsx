/** The work that results from the changes. */

import { countOf } from '../../site/format.js';
import { countEntities } from '../../site/run-words.js';
import { DataText } from '../../view/parts/name.js';
import type { RunData } from './data.js';

/** The units, each with the number of its entities; nothing if there are none. */
export function WorkUnits({ data: { workUnits, run } }: { data: RunData }) {
  if (workUnits.length === 0) return null;
  return (
    <>
      <h2>
        Work to do <span className="weak">{countOf(workUnits.length, 'unit')}</span>
      </h2>
      <ul className="run-units">
        {workUnits.map(({ key, entities }) => (
          <li key={key}>
            <DataText>{key}</DataText> <span className="weak">{countEntities(entities, run.source)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
