/** Markdown of notes, which anybody may have written, as a tree that is safe to show. */

import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { type HtmlElement, type HtmlNode, parseHtml } from './html-tree.js';
import { anchorOf, linkOf } from './note-links.js';
import { type NoteElement, type NoteNode, textOf } from './note-node.js';

/** Parses the Markdown of a note; `paths` are those of all notes. */
export function parseMarkdown(text: string, path: string, paths: ReadonlySet<string>): NoteNode[] {
  // Raw HTML is escaped, and links of other protocols than those of the web and of mail are emptied.
  const html = micromark(text, { extensions: [gfm()], htmlExtensions: [gfmHtml()] });
  const parse = new Conversion(path, paths);
  return parse.convertAll(parseHtml(html));
}

class Conversion {
  readonly #anchors = new Set<string>();
  /** Level of the last heading; 1 is the title of the page. */
  #level = 1;

  constructor(
    readonly path: string,
    readonly paths: ReadonlySet<string>,
  ) {}

  convertAll(nodes: HtmlNode[]): NoteNode[] {
    return nodes.map((node) => (typeof node === 'string' ? node : this.#convert(node)));
  }

  #convert({ tag, attributes, children }: HtmlElement): NoteNode {
    const { href, id, align, start, alt, checked } = attributes;
    // Images are not loaded: most are of other hosts.
    if (tag === 'img') return alt ? { tag: 'span', children: [`[image: ${alt}]`] } : '';
    if (/^h[1-6]$/.test(tag)) return this.#heading(Number(tag[1]), children);
    return {
      tag,
      children: this.convertAll(children),
      ...(tag === 'a' && linkOf(href ?? '', this.path, this.paths)),
      // The ids of footnotes, which micromark makes.
      ...(id?.startsWith('user-content-') && { id: `note-${id.slice('user-content-'.length)}` }),
      ...((align === 'left' || align === 'center' || align === 'right') && { align }),
      ...(start !== undefined && Number.isSafeInteger(Number(start)) && { start: Number(start) }),
      ...(tag === 'input' && { checked: checked !== undefined }),
    };
  }

  /** Headings are below that of the page, and leave out no level. */
  #heading(level: number, children: HtmlNode[]): NoteElement {
    this.#level = Math.min(level + 1, this.#level + 1, 6);
    const converted = this.convertAll(children);
    return { tag: `h${this.#level}`, id: this.#anchor(textOf(converted)), children: converted };
  }

  #anchor(text: string): string {
    const anchor = anchorOf(text);
    let unique = anchor;
    for (let count = 1; this.#anchors.has(unique); count += 1) unique = `${anchor}-${count}`;
    this.#anchors.add(unique);
    return unique;
  }
}
