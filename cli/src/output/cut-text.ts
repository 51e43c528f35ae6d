/** The first characters of a text, at most `length`, without half of a surrogate pair: strict parsers of JSON refuse one. */
export function cutText(text: string, length: number): string {
  if (text.length <= length) return text;
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, '');
}
