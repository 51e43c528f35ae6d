// Makes relative links of a Markdown text absolute, as a registry shows the README without the repository.

const RELATIVE = String.raw`(?![a-z][a-z+.-]*:|#|\/)[^()\s]+(?=\))`;
const RELATIVE_IMAGE = new RegExp(String.raw`(?<=!\[[^\]]*\]\()${RELATIVE}`, 'gi');
const RELATIVE_LINK = new RegExp(String.raw`(?<=\]\()${RELATIVE}`, 'gi');

/**
 * Replaces relative links that `isReplaced` accepts; `base` is the URL of the folder of the text, with a final slash.
 * Images link to raw files.
 */
export function absoluteLinks(markdown, base, isReplaced = () => true) {
  const replace = (suffix) => (link) => (isReplaced(link) ? `${new URL(link, base).href}${suffix}` : link);
  return markdown.replaceAll(RELATIVE_IMAGE, replace('?raw=true')).replaceAll(RELATIVE_LINK, replace(''));
}

/** Relative links of a Markdown text, without anchors. */
export function relativeLinks(markdown) {
  return [...markdown.matchAll(RELATIVE_LINK)].map(([link]) => link.split('#')[0]);
}
