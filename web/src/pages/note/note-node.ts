/** The text of a note as a tree. */

import type { Route } from '../../site/route.js';

/** A part of a note: a text, or an element of {@link NoteElement}. */
export type NoteNode = string | NoteElement;

/** An element. */
export interface NoteElement {
  tag: string;
  children: NoteNode[];
  /** Of headings, footnotes and references to these; begins with `note-`. */
  id?: string;
  /** Of a link to another host, or to a part of the page. */
  href?: string;
  /** Of a link to a page. */
  to?: Route;
  /** Of a cell, if its column has one. */
  align?: 'left' | 'center' | 'right';
  /** First number of a list. */
  start?: number;
  /** Of an item of a list of tasks. */
  checked?: boolean;
}

type TextTree = string | { children: TextTree[] };

/** The text of nodes, without elements. */
export function textOf(nodes: TextTree[]): string {
  return nodes.map((node) => (typeof node === 'string' ? node : textOf(node.children))).join('');
}
