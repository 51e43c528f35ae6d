/** The first characters of a text, at most `length`, without half of a surrogate pair: strict parsers of JSON refuse one. */
export function cutText(text: string, length: number): string {
  const cut = text.slice(0, length);
  return text.length > length ? cut.replace(/[\ud800-\udbff]$/, '') : cut;
}
