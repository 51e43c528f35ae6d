/**
 * Reads the HTML that micromark writes, and nothing else, into a tree of known elements. Elements and attributes that are
 * not listed are left out, so that the safety of a page does not depend on micromark alone.
 */

/** An element, or a text. */
export type HtmlNode = string | HtmlElement;

/** An element that Markdown can have. */
export interface HtmlElement {
  tag: string;
  attributes: Record<string, string>;
  children: HtmlNode[];
}

/** Elements with the attributes that are kept. */
const KEPT: Record<string, readonly string[]> = {
  ...Object.fromEntries(
    ['p', 'blockquote', 'ul', 'em', 'strong', 'del', 'code', 'pre', 'sup', 'section', 'table', 'thead', 'tbody', 'tr']
      .concat('h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'br')
      .map((tag) => [tag, []]),
  ),
  a: ['href', 'id'],
  img: ['alt'],
  input: ['checked'],
  li: ['id'],
  ol: ['start'],
  th: ['align'],
  td: ['align'],
};

const VOID = new Set(['hr', 'br', 'img', 'input']);

/** Elements within elements that are kept, as React works through them by recursion; of deeper ones only texts are. */
const MAX_DEPTH = 30;

const ENTITIES: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"' };

/** Parses the HTML. */
export function parseHtml(html: string): HtmlNode[] {
  const root: HtmlElement = { tag: '', attributes: {}, children: [] };
  const open: HtmlElement[] = [root];
  // A text, an end tag, or a start tag: micromark escapes each other `<`.
  for (const [token] of html.matchAll(/[^<]+|<\/?[a-z][^>]*>|</g)) {
    const parent = open[Math.min(open.length, MAX_DEPTH) - 1] ?? root;
    if (!/^<\/?[a-z]/.test(token)) parent.children.push(decode(token));
    else if (token.startsWith('</')) {
      if (open.length > 1) open.pop();
    } else addElement(token, parent, open);
  }
  return root.children;
}

function addElement(token: string, parent: HtmlElement, open: HtmlElement[]): void {
  const tag = /^<([a-z0-9]+)/.exec(token)?.[1] ?? '';
  const kept = Object.hasOwn(KEPT, tag) ? KEPT[tag] : undefined;
  const element = { tag, attributes: attributesOf(token, kept ?? []), children: [] };
  if (kept !== undefined && open.length <= MAX_DEPTH) parent.children.push(element);
  // The children of an element that is left out are left out with it.
  if (!VOID.has(tag)) open.push(element);
}

function attributesOf(token: string, kept: readonly string[]): Record<string, string> {
  const all = [...token.matchAll(/ ([a-z-]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, decode(value)]);
  return Object.fromEntries(all.filter(([name = '']) => kept.includes(name)));
}

function decode(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot);/g, (entity) => ENTITIES[entity] ?? entity);
}
