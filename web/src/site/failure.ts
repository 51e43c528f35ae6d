/** What could not be read, for a page that shows the rest. */

/** An error of the package. */
export interface ReadFailure {
  message: string;
  /** What repairs it; `null` if nothing is known. */
  hint: string | null;
}
