/** Escapes control characters, which a terminal would act on; texts of databases and files may contain any. */

// The characters that reverse the direction of text are not of the class Cc.
const CONTROL = '(?![\\n\\t])[\\p{Cc}\\u202a-\\u202e\\u2066-\\u2069]';
const CONTROLS = new RegExp(CONTROL, 'gu');

const COLOUR = `${String.fromCharCode(27)}\\[[\\d;]*m`;
const COLOURS_AND_CONTROLS = new RegExp(`${COLOUR}|${CONTROL}`, 'gu');

/** Escapes as `\u001b`, except line breaks and tabs. */
export function escapeControlCharacters(text: string): string {
  return text.replace(CONTROLS, toEscape);
}

/** Like {@link escapeControlCharacters}, but keeps colours, for texts that are styled already. */
export function escapeControlsExceptColours(text: string): string {
  return text.replace(COLOURS_AND_CONTROLS, (found) => (found.length > 1 ? found : toEscape(found)));
}

/** The text on one line, for prompts and the status line. */
export function escapeOnOneLine(text: string): string {
  return escapeControlCharacters(text.replace(/\s*[\r\n]+\s*/g, ' ').replaceAll('\t', ' '));
}

function toEscape(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
}
