/** Whether semantic sources can be compiled. */

import { countOf } from '../../site/format.js';
import { useSite } from '../site-context.js';
import { useScript } from '../use-script.js';
import type { Validation } from '../use-validation.js';
import { Command } from './command.js';
import { Failure } from './failure.js';
import { DataText } from './name.js';

interface CheckProps {
  connectionId: string;
  validation: Validation;
  /** Validates the connection. */
  onCheck: () => void;
  /** The source that findings are shown of; default: all. */
  source?: string;
}

/** What was found, or how to find it. */
export function SourceCheck({ connectionId, validation, onCheck, source }: CheckProps) {
  return (
    <div className="source-check" role="status">
      {validation.state === 'checking' && <p className="weak">Checking …</p>}
      {validation.state === 'unchecked' && <Unchecked connectionId={connectionId} onCheck={onCheck} />}
      {validation.state === 'failed' && <Failure failure={validation.failure} />}
      {validation.state === 'checked' && (
        <Found
          errors={findingsOf(validation.findings.errors, source)}
          warnings={findingsOf(validation.findings.warnings, source)}
        />
      )}
    </div>
  );
}

function Unchecked({ connectionId, onCheck }: Pick<CheckProps, 'connectionId' | 'onCheck'>) {
  const { live } = useSite();
  const script = useScript();
  return (
    <p className="weak">
      Not checked whether it can be compiled:{' '}
      <Command>{['ktx', 'sl', 'validate', '--connection-id', connectionId]}</Command>
      {live && script && (
        <>
          {' '}
          <button type="button" onClick={onCheck}>
            Check now
          </button>
        </>
      )}
    </p>
  );
}

function Found({ errors, warnings }: { errors: string[]; warnings: string[] }) {
  return (
    <>
      {errors.length === 0 ? <p className="weak">Checked: no errors.</p> : <List title="error" texts={errors} />}
      {warnings.length > 0 && <List title="warning" texts={warnings} />}
    </>
  );
}

function List({ title, texts }: { title: 'error' | 'warning'; texts: string[] }) {
  return (
    <div className={title === 'error' ? 'notice error' : 'notice'}>
      {countOf(texts.length, title)}:
      <ul>
        {texts.map((text) => (
          <li key={text}>
            <DataText>{text}</DataText>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The findings of a source, or of a part of it such as `measure 'revenue'`. */
export function findingsOf(findings: readonly string[], source: string | undefined, part = ''): string[] {
  if (source === undefined) return [...findings];
  const starts = part === '' ? [`${source}: `, `${source}, `] : [`${source}, ${part}: `];
  return findings.filter((text) => starts.some((start) => text.startsWith(start)));
}
