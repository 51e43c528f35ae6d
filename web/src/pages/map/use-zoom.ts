/** Zoom and pan of a drawing, in units of its `viewBox`, in which the whole drawing has the scale 1. */

import { select } from 'd3-selection';
import { type D3ZoomEvent, type ZoomBehavior, zoom, zoomIdentity } from 'd3-zoom';
import { type RefObject, useEffect, useMemo, useRef } from 'react';
import { type Box, padded, type Size } from '../../layout/geometry.js';

/** What buttons and keys do. */
export interface ZoomControls {
  zoomBy(factor: number): void;
  /** Moves the view by shares of its size. */
  panBy(x: number, y: number): void;
  /** Shows the whole drawing. */
  fit(): void;
  /** Shows a box, as large as it fits, but not larger than life. */
  show(box: Box): void;
  /** Moves a box into the view if it is outside, or too small to be read. */
  reveal(box: Box): void;
}

/** Largest size of what is drawn, in relation to its size in pixels. */
const MAX_SCALE = 2.5;

/** Smallest size in which names can be read. */
const READABLE_SCALE = 0.8;

/** Below this size the titles of groups are shown over their tables. */
const FAR_SCALE = 0.6;

/**
 * Zooms the element `world` in a drawing. The wheel zooms only while the drawing has the focus, or with Ctrl, so that a
 * page that is scrolled does not stop at it; so does a finger.
 */
export function useZoom(
  svg: RefObject<SVGSVGElement | null>,
  world: RefObject<SVGGElement | null>,
  hasFocus: () => boolean,
  { width, height }: Size,
): ZoomControls {
  const behavior = useRef<ZoomBehavior<SVGSVGElement, unknown>>(undefined);
  useEffect(() => {
    const element = svg.current;
    if (element === null) return;
    const created = zoom<SVGSVGElement, unknown>()
      .filter((event: Event) => isForZoom(event, hasFocus))
      .translateExtent([
        [0, 0],
        [width, height],
      ])
      .on('zoom', ({ transform }: D3ZoomEvent<SVGSVGElement, unknown>) => {
        world.current?.setAttribute('transform', transform.toString());
        markFar(element);
      });
    behavior.current = created;
    select(element).call(created).on('dblclick.zoom', null);
    // The library has set a colour of taps, which the styles do.
    element.removeAttribute('style');
    const resized = new ResizeObserver(() => {
      created.scaleExtent([1, Math.max(2, MAX_SCALE / fittedScale(element))]);
      markFar(element);
    });
    resized.observe(element);
    return () => {
      resized.disconnect();
      select(element).on('.zoom', null);
    };
  }, [svg, world, hasFocus, width, height]);
  return useMemo(() => controls(svg, behavior), [svg]);
}

function isForZoom(event: Event, hasFocus: () => boolean): boolean {
  if (event instanceof WheelEvent) return event.ctrlKey || event.metaKey || hasFocus();
  if (event instanceof MouseEvent) return event.button === 0 && !event.ctrlKey && !event.metaKey;
  return (event as TouchEvent).touches.length > 1 || hasFocus();
}

function controls(
  svg: RefObject<SVGSVGElement | null>,
  behavior: RefObject<ZoomBehavior<SVGSVGElement, unknown> | undefined>,
): ZoomControls {
  type Action = (behavior: ZoomBehavior<SVGSVGElement, unknown>, element: SVGSVGElement) => void;
  const act = (action: Action) => {
    if (svg.current !== null && behavior.current !== undefined) action(behavior.current, svg.current);
  };
  const show = (box: Box) =>
    act((zooming, element) => {
      const { width, height } = element.viewBox.baseVal;
      const { width: wide, height: high, x, y } = padded(box, 24);
      const scale = Math.max(1, Math.min(width / wide, height / high, 1 / fittedScale(element)));
      select(element)
        .call(zooming.transform, zoomIdentity)
        .call(zooming.scaleTo, scale)
        .call(zooming.translateTo, x + wide / 2, y + high / 2);
    });
  return {
    zoomBy: (factor) => act((zooming, element) => select(element).call(zooming.scaleBy, factor)),
    panBy: (x, y) =>
      act((zooming, element) => {
        const { width, height } = element.viewBox.baseVal;
        const { k } = transformOf(element);
        select(element).call(zooming.translateBy, (-x * width) / k, (-y * height) / k);
      }),
    fit: () => act((zooming, element) => select(element).call(zooming.transform, zoomIdentity)),
    show,
    reveal: (box) =>
      act((zooming, element) => {
        const scale = READABLE_SCALE / fittedScale(element);
        if (transformOf(element).k < scale) select(element).call(zooming.scaleTo, scale);
        if (!isVisible(box, element)) {
          select(element).call(zooming.translateTo, box.x + box.width / 2, box.y + box.height / 2);
        }
      }),
  };
}

/** Pixels of the screen for a pixel of the whole drawing. */
function fittedScale(element: SVGSVGElement): number {
  const { width, height } = element.viewBox.baseVal;
  return Math.min(element.clientWidth / width, element.clientHeight / height) || 1;
}

/** Lets the styles show other texts. */
function markFar(element: SVGSVGElement): void {
  element.toggleAttribute('data-far', fittedScale(element) * transformOf(element).k < FAR_SCALE);
}

function transformOf(element: SVGSVGElement): { k: number; x: number; y: number } {
  return (element as unknown as { __zoom?: { k: number; x: number; y: number } }).__zoom ?? zoomIdentity;
}

function isVisible({ x, y, width, height }: Box, element: SVGSVGElement): boolean {
  const { k, x: left, y: top } = transformOf(element);
  const view = element.viewBox.baseVal;
  const starts = x * k + left >= 0 && y * k + top >= 0;
  return starts && (x + width) * k + left <= view.width && (y + height) * k + top <= view.height;
}
