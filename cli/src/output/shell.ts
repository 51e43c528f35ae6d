/** Words of command lines: those that completion inserts, and those of commands that a text or a page suggests. */

/** A family of shells. */
export type Shell = 'posix' | 'powershell';

/** The shell that a user of a platform is most likely to have. */
export function shellOf(platform: string): Shell {
  return platform === 'win32' ? 'powershell' : 'posix';
}

/** Words that shells do not interpret; letters of all languages are in them. */
const SAFE: Record<Shell, RegExp> = {
  posix: /^[\p{L}\p{N}_.,:/=@+-]+$/u,
  // A comma would make a list, an `@` at the start expand a variable, and a dot or a colon end a flag.
  powershell: /^(?:-[\p{L}\p{N}_=-]+|[\p{L}\p{N}_.:/\\=+][\p{L}\p{N}_.:/\\=+-]*)$/u,
};

/** Whether a shell reads the word as it is. */
export function isShellSafe(word: string, shell: Shell = 'posix'): boolean {
  return SAFE[shell].test(word);
}

/** The shell of the commands that this process suggests. */
const OWN_SHELL = shellOf(globalThis.process?.platform ?? '');

/**
 * Quotes a word: a name of a database must not run a command when the text is copied to a shell. A word with blanks is in
 * double quotes, which `cmd.exe` reads as well. PowerShell before 7.3 drops double quotes within words.
 */
export function quoteForShell(word: string, shell: Shell = OWN_SHELL): string {
  if (isShellSafe(word, shell)) return word;
  if (isShellSafe(word.replaceAll(' ', ''), shell)) return `"${word}"`;
  return QUOTES[shell](word);
}

const QUOTES: Record<Shell, (word: string) => string> = {
  posix(word) {
    // Shorter for conditions, which have quotes. An exclamation mark before anything else recalls a command of the history.
    if (word.includes("'") && !/["$`\\]|!(?![ =])/.test(word)) return `"${word}"`;
    return `'${word.replaceAll("'", "'\\''")}'`;
  },
  // Typographic quotes end a text, too.
  powershell: (word) => `'${word.replace(/['‘’‚‛]/g, '$&$&')}'`,
};
