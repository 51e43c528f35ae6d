/** What the schema says of a column beside its type. */

import { LongText } from '../../view/parts/long-text.js';
import type { ShownColumn } from './data.js';
import { Labels } from './labels.js';

/** Default, generated expression, allowed values, labels and nested fields. */
export function ColumnDetails({ column }: { column: ShownColumn }) {
  const { generated, enumValues, labels, fields } = column;
  return (
    <>
      {column.default !== undefined && <Expression title="Default" sql={column.default} />}
      {generated !== undefined && <Expression title="Generated" sql={generated} />}
      {enumValues !== undefined && <AllowedValues values={enumValues} />}
      {labels !== undefined && <Labels labels={labels} />}
      {fields !== undefined && fields.length > 0 && <Fields fields={fields} />}
    </>
  );
}

function Expression({ title, sql }: { title: string; sql: string }) {
  return (
    <div className="column-detail">
      <span className="weak">{title}</span>{' '}
      <LongText code limit={120}>
        {sql}
      </LongText>
    </div>
  );
}

function AllowedValues({ values }: { values: string[] }) {
  return (
    <div className="column-detail">
      <span className="weak">Allowed values</span>
      <ul className="value-chips">
        {values.map((value) => (
          <li key={value}>
            <LongText limit={60}>{value}</LongText>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Fields({ fields }: { fields: ShownColumn['fields'] & object }) {
  return (
    <details className="fields">
      <summary>{`${fields.length} nested field${fields.length === 1 ? '' : 's'}`}</summary>
      <ul>
        {fields.map(({ path, type, comment }) => (
          <li key={JSON.stringify(path)}>
            <LongText code limit={120}>
              {path.join('.')}
            </LongText>{' '}
            <LongText code limit={80}>
              {type}
            </LongText>{' '}
            {comment !== undefined && <LongText limit={160}>{comment}</LongText>}
          </li>
        ))}
      </ul>
    </details>
  );
}
