/** Shortening of texts. */

/** The first characters of a text, which are not cut within a surrogate pair; the text itself if it is not longer. */
export function cutText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit);
}
