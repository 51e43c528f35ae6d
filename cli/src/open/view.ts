/** Text output of `ktx open`. */

/** Renders what was opened, or the URL to open. */
export function renderOpened(url: string, opened: boolean): string {
  if (!opened) return `${url}\n`;
  const page = url.slice(0, url.indexOf('#'));
  return `Opened ${page}\nIf no browser appears, print a URL for it: ktx open --no-browser\n`;
}
