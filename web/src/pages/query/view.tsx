/** The page `query`: builds a semantic query, shows it as a command and a call of MCP, and runs it. */

import { Command } from '../../view/parts/command.js';
import { useSite } from '../../view/site-context.js';
import { Answer } from './answer/answer.js';
import { Dimensions } from './build/dimensions.js';
import { Filters } from './build/filters.js';
import { Measures } from './build/measures.js';
import { Options } from './build/options.js';
import { OrderAndLimit } from './build/order.js';
import type { QueryData } from './data.js';
import { isEmpty } from './model/model.js';
import { EMPTY, isAsking, type QueryState, toQuery } from './model/query-state.js';
import { ModelList } from './model-list.js';
import { Outputs } from './outputs.js';
import { useAnswer } from './use-answer.js';
import { type ChangeQuery, useQuery } from './use-query.js';
import './build/build.css';
import './answer/answer.css';
import './style.css';

/** The view. Without a script it lists what can be asked for. */
export function QueryView({ data }: { data: QueryData }) {
  const { state, isUnreadable, change } = useQuery();
  const { model, unreadableFiles } = data;
  if (isEmpty(model)) return <Nothing connectionId={model.connectionId} />;
  return (
    <>
      <h1>Query</h1>
      <p className="weak">
        Measures by dimensions, computed so that each row counts once.{' '}
        {unreadableFiles > 0 && <Unreadable data={data} />}
      </p>
      {isUnreadable && (
        <p className="notice error" role="alert">
          The address of the page has a query that cannot be read.
        </p>
      )}
      {state === undefined ? <ModelList model={model} /> : <Builder data={data} state={state} change={change} />}
    </>
  );
}

interface BuilderProps {
  data: QueryData;
  state: QueryState;
  change: ChangeQuery;
}

function Builder({ data: { model }, state, change }: BuilderProps) {
  const isEmptyQuery = Object.keys(toQuery(state)).length === 0;
  return (
    <div className="query">
      <h2 className="visually-hidden">Choice</h2>
      <div className="builder">
        <Measures model={model} state={state} change={change} />
        <Dimensions model={model} state={state} change={change} />
        <Filters model={model} state={state} change={change} />
        <div className="panels">
          <OrderAndLimit state={state} change={change} />
          <Options state={state} change={change} />
        </div>
      </div>
      <h2>The query</h2>
      {isAsking(state) ? (
        <Outputs connectionId={model.connectionId} state={state} />
      ) : (
        <p className="weak">Choose a measure or a dimension.</p>
      )}
      <Execution model={model} state={state}>
        <button type="button" disabled={isEmptyQuery} onClick={() => change(EMPTY)}>
          Clear
        </button>
      </Execution>
    </div>
  );
}

interface ExecutionProps {
  model: QueryData['model'];
  state: QueryState;
  children: React.ReactNode;
}

/** Runs the query, on a live page. */
function Execution({ model, state, children }: ExecutionProps) {
  const { live } = useSite();
  const { pending, answered, failure, ask, cancel } = useAnswer({ page: 'query', connectionId: model.connectionId });
  if (!live) {
    return (
      <>
        <p>
          These pages are files, which run nothing: run the command, or open the live page with <code>ktx open</code>.
        </p>
        <p className="actions">{children}</p>
      </>
    );
  }
  const query = toQuery(state);
  const isOld = answered !== undefined && JSON.stringify(answered.query) !== JSON.stringify(query);
  return (
    <>
      <p className="actions">
        <button type="button" className="main" disabled={!isAsking(state)} onClick={() => ask(query, true)}>
          Run
        </button>
        <button type="button" disabled={!isAsking(state)} onClick={() => ask(query, false)}>
          Show SQL
        </button>
        {pending !== undefined && (
          <button type="button" onClick={cancel}>
            Cancel
          </button>
        )}
        {children}
        <span role="status">
          {pending === 'run' && 'The query runs, read-only…'}
          {pending === 'compile' && 'The query is compiled…'}
        </span>
      </p>
      {failure !== undefined && (
        <div className="notice error" role="alert">
          <p>
            <bdi className="data-text">{failure.message}</bdi>
          </p>
          {failure.hint !== undefined && (
            <p>
              <bdi>{failure.hint}</bdi>
            </p>
          )}
        </div>
      )}
      {answered !== undefined && (
        <>
          <h2>Answer</h2>
          {(isOld || failure !== undefined) && <p className="notice">This is the answer to an earlier query.</p>}
          <Answer answer={answered.answer} model={model} />
        </>
      )}
    </>
  );
}

function Unreadable({ data: { unreadableFiles } }: { data: QueryData }) {
  return (
    <>
      {unreadableFiles === 1 ? 'One file' : `${unreadableFiles} files`} of the semantic layer cannot be read: queries
      fail until <Command>ktx sl validate</Command> finds no error.
    </>
  );
}

function Nothing({ connectionId }: { connectionId: string }) {
  return (
    <>
      <h1>Query</h1>
      <p>
        There are no semantic sources yet. Scan the database with <Command>{['ktx', 'scan', connectionId]}</Command>,
        and generate them with <Command>{['ktx', 'sl', 'generate', '--connection-id', connectionId]}</Command>.
      </p>
    </>
  );
}
