// Relative links of a Markdown text as absolute ones: a registry shows the README alone, on a host of its own.

const RELATIVE = String.raw`(?![a-z][a-z+.-]*:|#|\/)[^()\s]+(?=\))`;
const RELATIVE_IMAGE = new RegExp(String.raw`(?<=!\[[^\]]*\]\()${RELATIVE}`, 'gi');
const RELATIVE_LINK = new RegExp(String.raw`(?<=\]\()${RELATIVE}`, 'gi');

/** `base` is the URL of the folder that the text lies in, with a slash at its end. Images are linked as raw files. */
export function absoluteLinks(markdown, base) {
  return markdown
    .replaceAll(RELATIVE_IMAGE, (link) => `${new URL(link, base).href}?raw=true`)
    .replaceAll(RELATIVE_LINK, (link) => new URL(link, base).href);
}
