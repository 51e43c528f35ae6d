/**
 * A drawing with boxes that are links: it zooms and pans, and is one stop of the Tab key, in which the arrow keys lead
 * from box to box.
 */

import { type ReactNode, type Ref, useCallback, useId, useImperativeHandle, useRef } from 'react';
import type { Box, Size } from '../../layout/geometry.js';
import { type Direction, neighbourIn } from './directions.js';
import { Markers } from './lines.js';
import { useZoom, type ZoomControls } from './use-zoom.js';
import './drawing.css';

/** What is drawn. */
export interface DrawingProps {
  /** Name for screen readers. */
  label: string;
  size: Size;
  /** Boxes; the link of each has its index as `data-index`. */
  boxes: readonly Box[];
  /** Drawn content; it gets the prefix of the ids of markers. */
  children: (markers: string) => ReactNode;
  controls?: Ref<ZoomControls>;
  onLeave?: () => void;
}

const ARROWS: Record<string, Direction> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Share of the view that an arrow key moves it by. */
const PAN_STEP = 0.15;
const ZOOM_STEP = 1.5;

/** The drawing, its buttons, and its keys: arrows, `+`, `-` and `0`. */
export function Drawing({ label, size, boxes, children, controls, onLeave }: DrawingProps) {
  const frame = useRef<HTMLElement>(null);
  const svg = useRef<SVGSVGElement>(null);
  const world = useRef<SVGGElement>(null);
  const hasFocus = useCallback(() => frame.current?.contains(document.activeElement) ?? false, []);
  const zoom = useZoom(svg, world, hasFocus, size);
  useImperativeHandle(controls, () => zoom, [zoom]);
  const markers = useId();

  const moveFocus = (index: number, direction: Direction) => {
    const next = neighbourIn(boxes, index, direction);
    if (next === undefined) return;
    zoom.reveal(boxes[next] as Box);
    svg.current?.querySelector<SVGAElement>(`[data-index="${next}"]`)?.focus({ preventScroll: true });
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const index = (event.target as Element).getAttribute('data-index');
    const direction = ARROWS[event.key];
    if (event.key === '+' || event.key === '=') zoom.zoomBy(ZOOM_STEP);
    else if (event.key === '-') zoom.zoomBy(1 / ZOOM_STEP);
    else if (event.key === '0') zoom.fit();
    else if (event.key === 'Escape' && onLeave !== undefined) onLeave();
    else if (direction === undefined) return;
    else if (index === null || event.shiftKey) zoom.panBy(direction[0] * PAN_STEP, direction[1] * PAN_STEP);
    else moveFocus(Number(index), direction);
    event.preventDefault();
  };
  return (
    <section
      ref={frame}
      className="map-drawing"
      aria-label={label}
      aria-description="Arrow keys move the view or lead from table to table, plus and minus zoom, 0 shows all"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <svg ref={svg} viewBox={`0 0 ${size.width} ${size.height}`} width={size.width} height={size.height}>
        <title>{label}</title>
        <Markers prefix={markers} />
        <g ref={world} className="map-world">
          {children(markers)}
        </g>
      </svg>
      <DrawingFooter zoom={zoom} />
    </section>
  );
}

function DrawingFooter({ zoom }: { zoom: ZoomControls }) {
  return (
    <div className="map-footer script-only">
      <p>Click the drawing to zoom with the wheel. Keys: arrows, + − 0</p>
      <button type="button" aria-label="Zoom in" onClick={() => zoom.zoomBy(ZOOM_STEP)}>
        +
      </button>
      <button type="button" aria-label="Zoom out" onClick={() => zoom.zoomBy(1 / ZOOM_STEP)}>
        −
      </button>
      <button type="button" onClick={() => zoom.fit()}>
        Show all
      </button>
    </div>
  );
}
