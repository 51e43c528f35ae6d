/** A command to run in a terminal. */

/** Longest word that is kept on one line, in characters. */
const MAX_WORD = 28;

/** The command, whose lines end between words only: a break within `--all` would be read as a hyphen. */
export function Command({ children }: { children: string }) {
  const words = children.split(' ');
  return (
    <code className="command">
      {words.map((word, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: words may be equal, and have no state
        <span key={index} className={word.length <= MAX_WORD ? 'command-word' : undefined}>
          {index < words.length - 1 ? `${word} ` : word}
        </span>
      ))}
    </code>
  );
}
