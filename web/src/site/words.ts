/** Words of names and texts, as the search of static files compares them. */

/** `orderID` and `HTTPStatus` have two words. */
const CASE_CHANGE = /(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/gu;

const WORD = /[\p{L}\p{M}]+|\p{N}+/gu;

/** Words of a text in lower case, split at `_`, at changes of letter case and at digits. */
export function wordsOf(text: string): string[] {
  return (
    text
      .normalize('NFC')
      .replace(CASE_CHANGE, ' ')
      .match(WORD)
      ?.map((word) => word.toLowerCase()) ?? []
  );
}

/** Words of a name, and all of them as one, as which it may be typed: `order`, `id`, `orderid`. */
export function formsOf(name: string): string[] {
  const words = wordsOf(name);
  return words.length < 2 ? words : [...words, words.join('')];
}

/** The different words of a text, at most so many characters of them. */
export function distinctWords(text: string, maxLength: number): string {
  const joined = [...new Set(wordsOf(text))].join(' ');
  if (joined.length <= maxLength) return joined;
  return joined.slice(0, joined.lastIndexOf(' ', maxLength) + 1).trimEnd() || joined.slice(0, maxLength);
}
