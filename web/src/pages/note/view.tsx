/** The page `note`. */

import { CodeBlock, DataText, Name } from '../../view/parts/name.js';
import { PageLink } from '../../view/site-context.js';
import type { NoteData } from './data.js';
import { NoteText } from './note-text.js';
import './style.css';

/** The view. */
export function NoteView({ data: { path, title, nodes, text, error } }: { data: NoteData }) {
  return (
    <article className="note">
      <p className="weak">
        <PageLink to={{ page: 'notes' }}>Notes</PageLink> / <Name>{path.replace(/^notes\//, '')}</Name>
      </p>
      <h1>
        <DataText>{title}</DataText>
      </h1>
      {nodes !== null && <NoteText nodes={nodes} />}
      {nodes === null && error === undefined && (
        <>
          <p className="notice">This note is too long, or would be, to be formatted.</p>
          <CodeBlock label="Markdown of the note">{text ?? ''}</CodeBlock>
        </>
      )}
      {error !== undefined && (
        <p className="notice error">
          This note cannot be read: <DataText>{error}</DataText>
        </p>
      )}
    </article>
  );
}
