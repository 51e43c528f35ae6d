/** What the table is made of, and what is made of it. */

import type { KtxLineage } from '@kaelio/ktx';
import { useRef, useState } from 'react';
import { call } from '../../client/api.js';
import { countOf } from '../../site/format.js';
import { useSite } from '../../view/site-context.js';
import { useScript } from '../../view/use-script.js';
import type { TableData } from './data.js';
import { LineageGraph } from './lineage-graph.js';

/** The section: the server finds the lineage on request, as it has to parse SQL. */
export function Lineage({ data }: { data: TableData }) {
  const { live } = useSite();
  const script = useScript();
  const [lineage, setLineage] = useState<KtxLineage>();
  return (
    <section>
      <h2>Lineage</h2>
      {lineage !== undefined ? (
        <FoundLineage lineage={lineage} />
      ) : live && script ? (
        <LineageButton data={data} onFound={setLineage} />
      ) : (
        <LineageElsewhere />
      )}
    </section>
  );
}

function LineageElsewhere() {
  return (
    <p>
      The page of <code>ktx open</code> draws the tables and views upstream and downstream, and needs a script for it.
      Agents get them from the tool <code>table_get</code> with <code>lineage: true</code>.
    </p>
  );
}

interface ButtonProps {
  data: TableData;
  onFound: (lineage: KtxLineage) => void;
}

function LineageButton({ data: { connectionId, name }, onFound }: ButtonProps) {
  const { route } = useSite();
  const [error, setError] = useState<Error & { hint?: string }>();
  const [busy, setBusy] = useState(false);
  const pending = useRef(false);
  const find = async () => {
    if (pending.current) return;
    pending.current = true;
    setBusy(true);
    setError(undefined);
    try {
      onFound(await call(route, 'lineage', { connectionId, name }));
    } catch (reason) {
      setError(reason as Error);
      setBusy(false);
    } finally {
      pending.current = false;
    }
  };
  return (
    <>
      <button type="button" aria-disabled={busy} onClick={find}>
        {busy ? 'Reading definitions …' : 'Show lineage'}
      </button>
      {error !== undefined && (
        <p role="alert" className="notice error">
          {error.message} {error.hint}
        </p>
      )}
    </>
  );
}

/** The answer takes the focus of the button that it replaces. */
function FoundLineage({ lineage }: { lineage: KtxLineage }) {
  const { upstream, downstream, queryTotal, unknown } = lineage;
  return (
    <div ref={(element) => element?.focus()} tabIndex={-1}>
      <p>
        {`Made of ${upstream.length === 1 ? '1 table or view' : `${upstream.length} tables and views`}`}
        {`; read by ${countOf(downstream.length, 'view')} and ${countOf(queryTotal, 'query template')}.`}
      </p>
      <LineageGraph lineage={lineage} />
      {unknown.map((text) => (
        <p key={text} className="notice">
          {text}
        </p>
      ))}
    </div>
  );
}
