/** Movement of the focus between the items of a list. */

/** The item after (`1`) or before (`-1`) another one of the page; `undefined` at the end. */
export function siblingItem(item: HTMLElement, step: 1 | -1): HTMLElement | undefined {
  const items = [...document.querySelectorAll<HTMLElement>('.review-item')];
  return items[items.indexOf(item) + step];
}

/** Focuses an item, and scrolls as far as needed to see it. */
export function focusItem(item: HTMLElement | undefined): void {
  item?.focus({ preventScroll: true });
  item?.scrollIntoView({ block: 'nearest' });
}
