/** Where drawn lines are. */

import { curveThrough } from '../../src/layout/curve.js';
import type { Box, Point } from '../../src/layout/geometry.js';

/** Points of the drawn line. */
export function sampled(points: readonly Point[]): Point[] {
  const numbers = [...curveThrough(points).matchAll(/([MLQ])([-\d. ]+)/g)];
  const found: Point[] = [];
  let last: Point = { x: 0, y: 0 };
  for (const [, command, text] of numbers) {
    const [x1 = 0, y1 = 0, x2 = x1, y2 = y1] = (text ?? '').split(' ').map(Number);
    if (command !== 'M') {
      for (let step = 0.1; step < 1; step += 0.1) {
        const mix = (a: number, b: number, c: number) =>
          (1 - step) ** 2 * a + 2 * step * (1 - step) * b + step ** 2 * c;
        const isLine = command === 'L';
        found.push({
          x: isLine ? last.x + (x2 - last.x) * step : mix(last.x, x1, x2),
          y: isLine ? last.y + (y2 - last.y) * step : mix(last.y, y1, y2),
        });
      }
    }
    last = { x: x2, y: y2 };
  }
  return found;
}

/** Height of the strips in which boxes are looked up. */
const STRIP = 50;

/** Returns the function that finds the boxes around a point, which is not at their border. */
export function boxesAround(boxes: readonly Box[]): (point: Point) => Box[] {
  const strips = new Map<number, Box[]>();
  for (const box of boxes) {
    for (let strip = Math.floor(box.y / STRIP); strip * STRIP <= box.y + box.height; strip++) {
      strips.set(strip, [...(strips.get(strip) ?? []), box]);
    }
  }
  return (point) => (strips.get(Math.floor(point.y / STRIP)) ?? []).filter((box) => isInside(point, box));
}

function isInside({ x, y }: Point, box: Box): boolean {
  const slack = 0.2;
  const sideways = x > box.x + slack && x < box.x + box.width - slack;
  return sideways && y > box.y + slack && y < box.y + box.height - slack;
}
