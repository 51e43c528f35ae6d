/** Texts that may be of any length. */

import { cutText } from '../../site/cut-text.js';
import { DataText } from './name.js';
import './long-text.css';

/** A text of which the first characters are shown, and the others on request. */
export function LongText({ children, limit }: { children: string; limit: number }) {
  const start = cutText(children, limit);
  if (start === children) return <DataText>{children}</DataText>;
  return (
    <details className="long-text">
      <summary>
        <DataText>{`${start}…`}</DataText>
      </summary>
      <DataText>{children}</DataText>
    </details>
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
