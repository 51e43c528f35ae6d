/** Texts of the project and its databases, isolated so that their direction of writing does not affect the page. */

/** A name, in the font of code. */
export function Name({ children }: { children: string }) {
  return (
    <code className="name">
      <bdi>{children}</bdi>
    </code>
  );
}

/** A comment, description or value. */
export function DataText({ children }: { children: string }) {
  return <bdi className="data-text">{children}</bdi>;
}

/** SQL or another text of a program. */
export function CodeBlock({ children, label }: { children: string; label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so that it has to be reachable by the keyboard
    <section className="code-block" aria-label={label} tabIndex={0}>
      <pre>
        <code>{children}</code>
      </pre>
    </section>
  );
}
