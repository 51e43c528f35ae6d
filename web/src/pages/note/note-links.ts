/** Links of notes. */

import type { Route } from '../../site/route.js';

/** Longest id of a heading, in characters. */
const MAX_ANCHOR = 100;

/** Id of a heading, by its text: lower case, with hyphens for blanks. */
export function anchorOf(text: string): string {
  const words = text
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s+/g, '-');
  return `note-${[...words].slice(0, MAX_ANCHOR).join('')}`;
}

/** Where a link leads: a URL of the web or of mail, a part of the page, or the page of a note; nowhere if to a file. */
export function linkOf(href: string, path: string, paths: ReadonlySet<string>): { href?: string; to?: Route } {
  if (/^(?:https?:\/\/|mailto:)/i.test(href)) return { href };
  if (href.startsWith('#')) {
    const anchor = decoded(href.slice(1)).replace(/^user-content-/, '');
    return { href: `#${encodeURIComponent(/^fn(?:ref)?-/.test(anchor) ? `note-${anchor}` : anchorOf(anchor))}` };
  }
  const target = resolvePath(path, decoded(href.replace(/[?#].*$/s, '')));
  return paths.has(target) ? { to: { page: 'note', name: target } } : {};
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Path in the project of a link that is relative to a note. */
function resolvePath(path: string, link: string): string {
  const parts = path.split('/').slice(0, -1);
  for (const part of link.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}
