/** Markdown of notes, which is untrusted text, as a tree that is safe to show. */

import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { type HtmlElement, type HtmlNode, parseHtml } from './html-tree.js';
import { anchorOf, linkOf } from './note-links.js';
import { type NoteElement, type NoteNode, textOf } from './note-node.js';

/** A note, and the paths of all notes, which it may have links to. */
export interface NoteToParse {
  path: string;
  title: string;
  /** Markdown. */
  text: string;
  paths: ReadonlySet<string>;
}

/** Properties in YAML before the text, which Markdown would read as a heading. */
const FRONT_MATTER = /^\uFEFF?---[ \t]*\r?\n(?=[\w-]+[ \t]*:)([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/;

/** Longest HTML of a note, in characters: short texts of tables and footnotes may have a thousand times their length. */
const MAX_HTML = 1_000_000;

/** Parses the Markdown of a note; its title is left out, as the page has it. `undefined` if it becomes too long. */
export function parseMarkdown({ path, title, text, paths }: NoteToParse): NoteNode[] | undefined {
  // Raw HTML is escaped, and links of other protocols than those of the web and of mail are emptied.
  const properties = FRONT_MATTER.exec(text);
  const body = properties === null ? text : text.slice(properties[0].length);
  const html = micromark(body, { extensions: [gfm()], htmlExtensions: [gfmHtml()] });
  if (html.length > MAX_HTML) return undefined;
  const nodes = new Conversion(path, paths).convertAll(withoutTitle(parseHtml(html), title));
  const yaml = properties?.[1] ?? '';
  return yaml === '' ? nodes : [{ tag: 'pre', children: [{ tag: 'code', children: [yaml] }] }, ...nodes];
}

function withoutTitle(nodes: HtmlNode[], title: string): HtmlNode[] {
  const first = nodes.findIndex((node) => typeof node !== 'string' || node.trim() !== '');
  const node = nodes[first];
  const repeats = typeof node === 'object' && /^h[1-6]$/.test(node.tag) && isTitle(textOf(node.children), title);
  return repeats ? nodes.slice(first + 1) : nodes;
}

function isTitle(text: string, title: string): boolean {
  return text.replace(/\s+/g, ' ').trim() === title.replace(/\s+/g, ' ').trim();
}

class Conversion {
  readonly #anchors = new Set<string>();
  /** Levels of the last heading and of those that it is below. */
  readonly #levels: number[] = [];

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
    while ((this.#levels.at(-1) ?? 0) >= level) this.#levels.pop();
    this.#levels.push(level);
    const converted = this.convertAll(children);
    return {
      tag: `h${Math.min(this.#levels.length + 1, 6)}`,
      id: this.#anchor(textOf(converted)),
      children: converted,
    };
  }

  #anchor(text: string): string {
    const anchor = anchorOf(text);
    let unique = anchor;
    for (let count = 1; this.#anchors.has(unique); count += 1) unique = `${anchor}-${count}`;
    this.#anchors.add(unique);
    return unique;
  }
}
