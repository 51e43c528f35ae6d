/** The text of a note, made of elements that React escapes. */

import { createElement, Fragment } from 'react';
import { ScrollRegion } from '../../view/parts/scroll-region.js';
import { PageLink } from '../../view/site-context.js';
import { type NoteElement, type NoteNode, textOf } from './note-node.js';

/** Renders parts of a note. */
export function NoteText({ nodes }: { nodes: NoteNode[] }) {
  return nodes.map((node, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never change
    <Fragment key={index}>{typeof node === 'string' ? node : <NotePart element={node} />}</Fragment>
  ));
}

/** Elements that are rendered as they are; `dir` of blocks follows the first letter of their text. */
const BLOCKS = new Set(['p', 'blockquote', 'ul', 'ol', 'li', 'h2', 'h3', 'h4', 'h5', 'h6', 'th', 'td']);
const INLINE = new Set(['em', 'strong', 'del', 'code', 'sup', 'section', 'thead', 'tbody', 'tr', 'span']);

function NotePart({ element }: { element: NoteElement }) {
  const { tag, id, align, start, children } = element;
  switch (tag) {
    case 'br':
    case 'hr':
      return createElement(tag);
    case 'a':
      return <NoteLink element={element} />;
    case 'input':
      return <Task checked={element.checked === true} />;
    case 'table':
      return <NoteTable element={element} />;
    case 'pre':
      return <NoteCode element={element} />;
  }
  const content = <NoteText nodes={withoutBreaks(tag, children)} />;
  if (BLOCKS.has(tag)) {
    const scope = tag === 'th' ? { scope: 'col' } : {};
    return createElement(tag, { id, start, dir: 'auto', ...scope, className: align && `align-${align}` }, content);
  }
  return INLINE.has(tag) ? createElement(tag, null, content) : content;
}

/** Line breaks between the rows of a table are not allowed there. */
function withoutBreaks(tag: string, children: NoteNode[]): NoteNode[] {
  return ['thead', 'tbody', 'tr'].includes(tag) ? children.filter((child) => typeof child !== 'string') : children;
}

function NoteLink({ element: { href, to, id, children } }: { element: NoteElement }) {
  const content = <NoteText nodes={children} />;
  if (to !== undefined) return <PageLink to={to}>{content}</PageLink>;
  if (href === undefined) return content;
  if (href.startsWith('#')) {
    return (
      <a href={href} id={id}>
        {content}
      </a>
    );
  }
  return (
    <a href={href} rel="noreferrer noopener nofollow">
      {content}
    </a>
  );
}

function Task({ checked }: { checked: boolean }) {
  return (
    <>
      <span aria-hidden="true">{checked ? '☑' : '☐'}</span>
      <span className="visually-hidden">{checked ? 'Done:' : 'To do:'}</span>
    </>
  );
}

function NoteTable({ element: { children } }: { element: NoteElement }) {
  return (
    <ScrollRegion label="Table">
      <table>
        <NoteText nodes={children.filter((child) => typeof child !== 'string')} />
      </table>
    </ScrollRegion>
  );
}

function NoteCode({ element: { children } }: { element: NoteElement }) {
  return (
    <pre className="note-code">
      <code>
        <bdi>{textOf(children)}</bdi>
      </code>
    </pre>
  );
}
