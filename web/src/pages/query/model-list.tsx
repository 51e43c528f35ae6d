/** What can be asked for, to be read without a script. */

import { countOf } from '../../site/format.js';
import { CodeBlock, DataText, Name } from '../../view/parts/name.js';
import { useShell } from '../../view/shell.js';
import { PageLink, useSite } from '../../view/site-context.js';
import { type CommandPlace, commandOf } from './model/command.js';
import { dimensionOf, measureOf } from './model/edit.js';
import type { Model, ModelSource } from './model/model.js';
import { EMPTY } from './model/query-state.js';

/** The sources with their measures and dimensions, and a command as an example. */
export function ModelList({ model }: { model: Model }) {
  const { environment } = useSite();
  const [shell] = useShell();
  const example = exampleOf(model, { shell, environment });
  return (
    <>
      <h2>What can be asked for</h2>
      <noscript>
        <p className="notice">This page builds queries with JavaScript, which is off. The command line needs none.</p>
      </noscript>
      {example !== undefined && (
        <>
          <p>Measures by dimensions, with filters and an order. For example:</p>
          <CodeBlock label="Example">{example}</CodeBlock>
        </>
      )}
      {model.metrics.length > 0 && (
        <>
          <h3>Metrics</h3>
          <Names names={model.metrics.map(({ name }) => name)} />
        </>
      )}
      {model.sources.map((source) => (
        <Source key={`${source.name} ${source.roleOf ?? ''}`} model={model} source={source} />
      ))}
    </>
  );
}

function Source({ model: { connectionId }, source }: { model: Model; source: ModelSource }) {
  const { name, roleOf, description, columns, measures, segments } = source;
  return (
    <>
      <h3>
        <PageLink to={{ page: 'source', connectionId, name: roleOf ?? name }}>
          <Name>{name}</Name>
        </PageLink>
        {roleOf !== undefined && (
          <>
            , a role of <Name>{roleOf}</Name>
          </>
        )}
      </h3>
      {description !== undefined && (
        <p>
          <DataText>{description}</DataText>
        </p>
      )}
      {measures.length > 0 && <Names title="Measures" names={measures.map((each) => each.name)} />}
      {columns.length > 0 && <Names title="Dimensions" names={columns.map((each) => each.name)} />}
      {segments.length > 0 && <Names title="Segments" names={segments.map((each) => each.name)} />}
    </>
  );
}

function Names({ title, names }: { title?: string; names: string[] }) {
  return (
    <p className="model-names">
      {title !== undefined && <span className="weak">{countOf(names.length, title.slice(0, -1).toLowerCase())}: </span>}
      {names.map((name, index) => (
        <span key={name}>
          {index > 0 && ', '}
          <Name>{name}</Name>
        </span>
      ))}
    </p>
  );
}

/** A command with the first measure, and a dimension of its source. */
function exampleOf({ connectionId, dialect, sources }: Model, place: CommandPlace): string | undefined {
  const source = sources.find(({ measures, columns }) => measures.length > 0 && columns.length > 0);
  const [measure] = source?.measures ?? [];
  if (source === undefined || measure === undefined) return undefined;
  const [first] = source.columns;
  // One with few values is a better example.
  const column = source.columns.find(({ type, values }) => type === 'string' && values !== undefined) ?? first;
  const dimensions = column === undefined ? [] : [dimensionOf(source.name, column.name, dialect)];
  const measures = [measureOf(source.name, measure.name, dialect)];
  return commandOf(connectionId, { ...EMPTY, measures, dimensions }, place);
}
