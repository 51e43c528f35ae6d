/** Search in the map, and the filter by schema. */

import { useId } from 'react';
import { countOf } from '../../site/format.js';
import { Name } from '../../view/parts/name.js';
import type { MapTable } from './data.js';
import type { Filter } from './filter.js';
import { fragmentOf } from './use-fragment.js';

/** State of the tools. */
export interface ToolsProps {
  tables: readonly MapTable[];
  schemas: readonly string[];
  filter: Filter;
  matches: ReadonlySet<number> | undefined;
  onFilter: (filter: Filter) => void;
  /** Shows what matches in the drawing. */
  onShow: () => void;
}

/** Number of matches that are listed. */
const MAX_LISTED = 10;

/** The tools, which need a script. */
export function Tools({ tables, schemas, filter, matches, onFilter, onShow }: ToolsProps) {
  const status = useId();
  return (
    <form
      className="map-tools script-only"
      onSubmit={(event) => {
        event.preventDefault();
        onShow();
      }}
    >
      <label>
        Find tables{' '}
        <input
          type="search"
          value={filter.query}
          aria-describedby={status}
          onChange={({ target }) => onFilter({ ...filter, query: target.value })}
          onKeyDown={({ key }) => key === 'Escape' && onFilter({ ...filter, query: '' })}
        />
      </label>
      {schemas.length > 1 && (
        <label>
          Schema{' '}
          <select
            value={filter.schema ?? ''}
            onChange={({ target }) => onFilter({ ...filter, schema: target.value === '' ? undefined : target.value })}
          >
            <option value="">all</option>
            {schemas.map((schema) => (
              <option key={schema}>{schema}</option>
            ))}
          </select>
        </label>
      )}
      <output id={status} className="weak">
        {matches !== undefined && `${matches.size} of ${countOf(tables.length, 'table')}`}
      </output>
      {filter.query.trim() !== '' && matches !== undefined && matches.size > 0 && (
        <Matches tables={tables} matches={matches} />
      )}
    </form>
  );
}

function Matches({ tables, matches }: { tables: readonly MapTable[]; matches: ReadonlySet<number> }) {
  const listed = [...matches].slice(0, MAX_LISTED);
  return (
    <div className="map-matches">
      <ul>
        {listed.map((index) => {
          const name = tables[index]?.name ?? '';
          return (
            <li key={index}>
              <a href={fragmentOf(name)}>
                <Name>{name}</Name>
              </a>
            </li>
          );
        })}
      </ul>
      <p className="weak">
        {matches.size > MAX_LISTED && `and ${matches.size - MAX_LISTED} more. `}Enter shows them in the map
      </p>
    </div>
  );
}
