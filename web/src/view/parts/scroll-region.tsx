/** Wide content. */

/** A region that scrolls sideways, so that the page does not, and that the keyboard can reach. */
export function ScrollRegion({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls
    <section className="scroll" aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
