/** The page `note`. */

import { CodeBlock, DataText, Name } from '../../view/parts/name.js';
import { PageLink } from '../../view/site-context.js';
import type { NoteData } from './data.js';
import { NoteText } from './note-text.js';
import './style.css';

/** The view. */
export function NoteView({ data: { path, title, nodes, text } }: { data: NoteData }) {
  return (
    <article className="note">
      <p className="weak">
        <PageLink to={{ page: 'notes' }}>Notes</PageLink> / <Name>{path.replace(/^notes\//, '')}</Name>
      </p>
      <h1>
        <DataText>{title}</DataText>
      </h1>
      {nodes === null ? (
        <>
          <p className="notice">It would take too long to format this note.</p>
          <CodeBlock label="Markdown of the note">{text ?? ''}</CodeBlock>
        </>
      ) : (
        <NoteText nodes={nodes} />
      )}
    </article>
  );
}
