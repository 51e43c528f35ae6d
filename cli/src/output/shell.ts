/** Words of command lines: those that completion inserts, and those of commands that a text suggests. */

/** Characters that shells do not interpret; letters of all languages are among them. */
const SAFE = /^[\p{L}\p{N}_.,:/=@+-]+$/u;

/** Whether a shell reads the word as it is. */
export function isShellSafe(word: string): boolean {
  return SAFE.test(word);
}

/**
 * Quotes a word for POSIX shells and PowerShell: a name of a database must not run a command when the text is copied to a
 * shell. A word with blanks is in double quotes, which `cmd.exe` reads as well.
 */
export function quoteForShell(word: string): string {
  if (isShellSafe(word)) return word;
  return isShellSafe(word.replaceAll(' ', '')) ? `"${word}"` : `'${word.replaceAll("'", "'\\''")}'`;
}
