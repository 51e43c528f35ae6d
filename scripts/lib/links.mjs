// Makes relative links of a Markdown text absolute, as a registry shows the README without the repository.

const RELATIVE = String.raw`(?![a-z][a-z+.-]*:|#|\/)[^()\s]+(?=\))`;
const RELATIVE_IMAGE = new RegExp(String.raw`(?<=!\[[^\]]*\]\()${RELATIVE}`, 'gi');
const RELATIVE_LINK = new RegExp(String.raw`(?<=\]\()${RELATIVE}`, 'gi');

/** Replaces relative links; `base` is the URL of the folder of the text, with a final slash. Images link to raw files. */
export function absoluteLinks(markdown, base) {
  return markdown
    .replaceAll(RELATIVE_IMAGE, (link) => `${new URL(link, base).href}?raw=true`)
    .replaceAll(RELATIVE_LINK, (link) => new URL(link, base).href);
}
