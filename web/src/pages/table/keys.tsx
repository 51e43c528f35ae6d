/** Keys, indexes and checks. */

import { countOf } from '../../site/format.js';
import { LongText } from '../../view/parts/long-text.js';
import { Name } from '../../view/parts/name.js';
import type { TableData } from './data.js';

/** The section; nothing if the table has none. */
export function Keys({ data }: { data: TableData }) {
  const { facts, columns, checks, hiddenChecks } = data;
  const primary = columns.filter(({ primaryKey }) => primaryKey).map(({ name }) => name);
  const { uniqueKeys = [], indexes = [] } = facts;
  if (primary.length + uniqueKeys.length + indexes.length + checks.length + hiddenChecks === 0) return null;
  return (
    <section>
      <h2>Keys, indexes and checks</h2>
      <dl className="keys">
        {primary.length > 0 && (
          <Key title="Primary key" columns={primary} enforced={facts.primaryKeyEnforced !== false} />
        )}
        {uniqueKeys.map((key) => (
          <Key
            key={JSON.stringify(key)}
            title="Unique key"
            columns={key}
            enforced={facts.uniqueKeysEnforced !== false}
          />
        ))}
        {indexes.map(({ name, columns: indexed, unique }) => (
          <Key key={name} title={unique ? 'Unique index' : 'Index'} name={name} columns={indexed} enforced />
        ))}
        {checks.map((check) => (
          <Check key={JSON.stringify(check)} check={check} />
        ))}
      </dl>
      {hiddenChecks > 0 && (
        <p className="weak">{`${countOf(hiddenChecks, 'check')} on columns whose values are hidden: not shown`}</p>
      )}
    </section>
  );
}

interface KeyProps {
  title: string;
  name?: string;
  columns: string[];
  enforced: boolean;
}

function Key({ title, name, columns, enforced }: KeyProps) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>
        <Name>{columns.join(', ')}</Name> {name !== undefined && <span className="weak">named </span>}
        {name !== undefined && <Name>{name}</Name>} {!enforced && <span className="weak">not enforced</span>}
      </dd>
    </div>
  );
}

function Check({ check: { name, expression } }: { check: TableData['checks'][number] }) {
  return (
    <div>
      <dt>Check</dt>
      <dd>
        <LongText code limit={240}>
          {expression}
        </LongText>{' '}
        {name !== null && <span className="weak">named </span>}
        {name !== null && <Name>{name}</Name>}
      </dd>
    </div>
  );
}
