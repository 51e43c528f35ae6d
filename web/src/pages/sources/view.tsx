/** The page `sources`: the semantic layer of a connection. */

import { countOf, formatNumber } from '../../site/format.js';
import { Command } from '../../view/parts/command.js';
import { DataText, Name } from '../../view/parts/name.js';
import { findingsOf, SourceCheck } from '../../view/parts/validation.js';
import { PageLink } from '../../view/site-context.js';
import { useValidations } from '../../view/use-validation.js';
import type { SourceSummary, SourcesData } from './data.js';
import './style.css';

/** The view. */
export function SourcesView({ data }: { data: SourcesData }) {
  const { connectionId, sources, unreadable, metrics } = data;
  const validations = useValidations(sources.length === 0 ? [] : [connectionId]);
  const validation = validations.of(connectionId);
  return (
    <>
      <h1>Semantic layer</h1>
      {sources.length === 0 && unreadable.length === 0 ? (
        <p>
          There are no semantic sources yet. Scan the database with <Command>{['ktx', 'scan', connectionId]}</Command>,
          and generate them with <Command>{['ktx', 'sl', 'generate', '--connection-id', connectionId]}</Command>.
        </p>
      ) : (
        <p className="weak">
          {countOf(sources.length, 'source')} with {countOf(total(sources, 'measures'), 'measure')}, and{' '}
          <PageLink to={{ page: 'metrics' }}>{countOf(metrics, 'metric')}</PageLink> over them.{' '}
          <PageLink to={{ page: 'query', connectionId }}>Build a query</PageLink>
        </p>
      )}
      <Unreadable files={unreadable} />
      {sources.length > 0 && (
        <>
          <SourceCheck
            connectionId={connectionId}
            validation={validation}
            onCheck={() => validations.check(connectionId)}
          />
          <SourceTable
            connectionId={connectionId}
            sources={sources}
            errors={validation.state === 'checked' ? validation.findings.errors : []}
          />
        </>
      )}
    </>
  );
}

interface TableProps {
  connectionId: string;
  sources: SourceSummary[];
  /** What the validation has found. */
  errors: string[];
}

function SourceTable({ connectionId, sources, errors }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls
    <section className="scroll" aria-label="Sources" tabIndex={0}>
      <table className="sources">
        <caption className="visually-hidden">Sources, by name</caption>
        <thead>
          <tr>
            <th scope="col">Source</th>
            <th scope="col">Reads</th>
            {COUNTS.map(([, title]) => (
              <th key={title} scope="col" className="number">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sources.map((source) => (
            <Row
              key={source.name}
              connectionId={connectionId}
              source={source}
              errors={findingsOf(errors, source.name).length}
            />
          ))}
        </tbody>
      </table>
    </section>
  );
}

const COUNTS = [
  ['columns', 'Columns'],
  ['measures', 'Measures'],
  ['segments', 'Segments'],
  ['joins', 'Joins'],
] as const;

function Row({ connectionId, source, errors }: { connectionId: string; source: SourceSummary; errors: number }) {
  const { name, description, table, scannedTable } = source;
  return (
    <tr>
      <th scope="row">
        <PageLink to={{ page: 'source', connectionId, name }}>
          <Name>{name}</Name>
        </PageLink>
        {errors > 0 && (
          <>
            {' '}
            <span className="badge failed">{countOf(errors, 'error')}</span>
          </>
        )}
        {description !== null && (
          <span className="source-description">
            <DataText>{description}</DataText>
          </span>
        )}
      </th>
      <td>
        {table === null && 'a query'}
        {table !== null && scannedTable === null && <Name>{table}</Name>}
        {table !== null && scannedTable !== null && (
          <PageLink to={{ page: 'table', connectionId, name: scannedTable }}>
            <Name>{table}</Name>
          </PageLink>
        )}
      </td>
      {COUNTS.map(([key]) => (
        <td key={key} className="number">
          {formatNumber(source[key])}
        </td>
      ))}
    </tr>
  );
}

function Unreadable({ files }: { files: SourcesData['unreadable'] }) {
  if (files.length === 0) return null;
  return (
    <section className="notice error" aria-labelledby="unreadable-title">
      <h2 id="unreadable-title">{countOf(files.length, 'file')} cannot be read</h2>
      <ul>
        {files.map(({ path, error }) => (
          <li key={path}>
            {!error.startsWith(path) && (
              <>
                <Name>{path}</Name>:{' '}
              </>
            )}
            <DataText>{error}</DataText>
          </li>
        ))}
      </ul>
    </section>
  );
}

function total(sources: SourceSummary[], key: (typeof COUNTS)[number][0]): number {
  return sources.reduce((sum, source) => sum + source[key], 0);
}
