/** The page `notes`. */

import { DataText, Name } from '../../view/parts/name.js';
import { PageLink } from '../../view/site-context.js';
import type { NotesData, NotesFolder } from './data.js';
import './style.css';

/** The view. */
export function NotesView({ data: { folders } }: { data: NotesData }) {
  return (
    <>
      <h1>Notes</h1>
      {folders.length === 0 && (
        <p className="notice">
          The project has no notes. Write Markdown files below <code>notes</code>, such as <code>notes/churn.md</code>:
          they are shown here, and <code>ktx search</code> finds them.
        </p>
      )}
      {folders.map((each) => (
        <Folder key={each.folder} folder={each} />
      ))}
    </>
  );
}

function Folder({ folder: { folder, notes } }: { folder: NotesFolder }) {
  return (
    <section>
      {folder !== '' && (
        <h2>
          <Name>{folder}</Name>
        </h2>
      )}
      <ul className="notes-list">
        {notes.map(({ path, title }) => (
          <li key={path}>
            <PageLink to={{ page: 'note', name: path }}>
              <DataText>{title}</DataText>
            </PageLink>
            <span className="weak">
              <Name>{path}</Name>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
