/** The page `source`: what a semantic source has, and what can be asked of it. */

import { anchorOf } from '../../site/anchor.js';
import { CodeBlock, DataText, Name } from '../../view/parts/name.js';
import { SourceCheck } from '../../view/parts/validation.js';
import { PageLink } from '../../view/site-context.js';
import { useValidations } from '../../view/use-validation.js';
import { Columns } from './columns.js';
import type { SourceData } from './data.js';
import { Joins } from './joins.js';
import { Measures } from './measures.js';
import './style.css';

/** The view. */
export function SourceView({ data }: { data: SourceData }) {
  const { connectionId, source, metrics } = data;
  const validations = useValidations([connectionId]);
  const validation = validations.of(connectionId);
  const { name, description, sql, segments = [] } = source;
  return (
    <div className="source">
      <h1>
        <Name>{name}</Name>
      </h1>
      {description !== undefined && (
        <p>
          <DataText>{description}</DataText>
        </p>
      )}
      <Facts data={data} />
      {sql !== undefined && <CodeBlock label="SQL of the source">{sql}</CodeBlock>}
      <SourceCheck
        connectionId={connectionId}
        validation={validation}
        onCheck={() => validations.check(connectionId)}
        source={name}
      />
      <Measures data={data} errors={validation.state === 'checked' ? validation.findings.errors : []} />
      {metrics.length > 0 && (
        <p>
          Metrics that use it:{' '}
          {metrics.map(({ name: metric, expr }, index) => (
            <span key={metric} title={expr}>
              {index > 0 && ', '}
              <PageLink to={{ page: 'metrics' }}>
                <Name>{metric}</Name>
              </PageLink>
            </span>
          ))}
        </p>
      )}
      <Columns columns={source.columns ?? []} />
      <h2>Segments</h2>
      {segments.length === 0 && <p className="weak">No segments: named conditions on the rows, such as paid orders.</p>}
      <dl className="segments">
        {segments.map((segment) => (
          <div key={segment.name} id={anchorOf('segment', segment.name)}>
            <dt>
              <Name>{segment.name}</Name>
            </dt>
            <dd>
              <Name>{segment.expr}</Name>
              {segment.description !== undefined && (
                <p className="weak">
                  <DataText>{segment.description}</DataText>
                </p>
              )}
            </dd>
          </div>
        ))}
      </dl>
      <Joins data={data} />
    </div>
  );
}

/** What the source reads, and how its rows are identified and placed in time. */
function Facts({ data: { connectionId, source, path, scannedTable } }: { data: SourceData }) {
  const { table, grain = [], time, bridge, weight, paths } = source;
  return (
    <dl className="facts">
      <dt>Reads</dt>
      <dd>
        {table === undefined && 'a query'}
        {table !== undefined && scannedTable === null && <Name>{table}</Name>}
        {table !== undefined && scannedTable !== null && (
          <PageLink to={{ page: 'table', connectionId, name: scannedTable }}>
            <Name>{table}</Name>
          </PageLink>
        )}
      </dd>
      <dt>Grain</dt>
      <dd>{grain.length === 0 ? 'none: joins may multiply its rows' : <Names names={grain} />}</dd>
      <dt>Time</dt>
      <dd>
        {time === undefined ? (
          'none: metric_time needs one'
        ) : (
          <>
            <Name>{time}</Name>, which metric_time reads
          </>
        )}
      </dd>
      {bridge === true && (
        <>
          <dt>Bridge</dt>
          <dd>
            each row is a link between two sources
            {weight !== undefined && (
              <>
                , with its share in <Name>{weight}</Name>
              </>
            )}
          </dd>
        </>
      )}
      {paths !== undefined && Object.keys(paths).length > 0 && (
        <>
          <dt>Paths</dt>
          <dd>
            <Names names={Object.entries(paths).map(([name, path]) => `${name} → ${path}`)} />
          </dd>
        </>
      )}
      <dt>File</dt>
      <dd>
        <Name>{path}</Name>
      </dd>
    </dl>
  );
}

function Names({ names }: { names: string[] }) {
  return names.map((name, index) => (
    <span key={name}>
      {index > 0 && ', '}
      <Name>{name}</Name>
    </span>
  ));
}
