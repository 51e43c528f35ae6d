/** Texts that may be of any length. */

import { cutText } from '../../../../cli/src/output/cut-text.js';
import { DataText } from './name.js';
import './long-text.css';

interface LongTextProps {
  children: string;
  /** Number of characters that are shown at first. */
  limit: number;
  /** Whether it is a text of a program. */
  code?: boolean;
}

/** A text of which the first characters are shown, and the others on request. Not allowed in a paragraph. */
export function LongText({ children, limit, code = false }: LongTextProps) {
  const start = cutText(children, limit);
  const text = (shown: string) => (code ? <Code>{shown}</Code> : <DataText>{shown}</DataText>);
  if (start === children) return text(children);
  return (
    <details className="long-text">
      <summary>{text(`${start}…`)}</summary>
      {text(children)}
    </details>
  );
}

function Code({ children }: { children: string }) {
  return (
    <code>
      <DataText>{children}</DataText>
    </code>
  );
}

/** SQL of which the first lines are shown, and all of it on request. */
export function LongSql({ children, label }: { children: string; label: string }) {
  const lines = children.trim().split('\n');
  const start = cutText(lines.slice(0, LINES).join('\n'), CHARACTERS);
  if (start === children.trim()) {
    return (
      <code className="short-sql">
        <bdi>{start}</bdi>
      </code>
    );
  }
  return (
    <details className="long-text long-sql">
      <summary>
        <code>
          <bdi>{`${start} …`}</bdi>
        </code>
      </summary>
      <SqlBlock label={label}>{children}</SqlBlock>
    </details>
  );
}

const LINES = 3;
const CHARACTERS = 240;

/** SQL with its line breaks; long lines are wrapped, so that nothing scrolls. */
function SqlBlock({ children, label }: { children: string; label: string }) {
  return (
    <figure className="sql-block" aria-label={label}>
      <pre>
        <code>
          <bdi>{children}</bdi>
        </code>
      </pre>
    </figure>
  );
}
