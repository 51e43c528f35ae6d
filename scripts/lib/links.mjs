// Relative links of a Markdown text as absolute ones: a registry shows the README alone, on a host of its own.

const RELATIVE_LINK = /(?<=\]\()(?![a-z][a-z+.-]*:|#|\/)[^()\s]+(?=\))/gi;

/** `base` is the URL of the folder that the text lies in, with a slash at its end. */
export function absoluteLinks(markdown, base) {
  return markdown.replaceAll(RELATIVE_LINK, (link) => new URL(link, base).href);
}
