// Reduces a screenshot to few colours, which makes it a quarter of its size: pages have few colours besides the soft edges of
// letters.
import { crc32, deflateSync, inflateSync } from 'node:zlib';

/** Number of colours that are kept; more are not seen in pages. */
const COLOURS = 64;

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Reduces a PNG image of Chromium (8 bits for each of red, green, blue and maybe alpha) to one with a palette. */
export function reduceColours(png) {
  const { width, height, channels, data } = read(png);
  const pixels = unfilter(data, width, height, channels);
  const { palette, indexes } = quantise(pixels);
  const rows = Buffer.alloc((width + 1) * height);
  for (let row = 0; row < height; row += 1) {
    rows.set(indexes.subarray(row * width, (row + 1) * width), row * (width + 1) + 1);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // 8 bits, with a palette.
  header.set([8, 3, 0, 0, 0], 8);
  const body = deflateSync(rows, { level: 9, memLevel: 9 });
  const colours = Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]));
  return Buffer.concat([SIGNATURE, ...[['IHDR', header], ['PLTE', colours], ['IDAT', body], ['IEND']].map(chunk)]);
}

function chunk([type, content = Buffer.alloc(0)]) {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  checksum.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, checksum]);
}

/** Size and filtered bytes: https://www.w3.org/TR/png-3/ */
function read(png) {
  const parts = [];
  for (let at = SIGNATURE.length; at < png.length; ) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const [depth, type] = [png[24], png[25]];
  if (depth !== 8 || (type !== 2 && type !== 6)) throw new Error(`An image of type ${type} with ${depth} bits`);
  return {
    width: png.readUInt32BE(16),
    height: png.readUInt32BE(20),
    channels: type === 2 ? 3 : 4,
    data: inflateSync(Buffer.concat(parts)),
  };
}

/** Colours of all pixels, as numbers `0xrrggbb`. */
function unfilter(data, width, height, channels) {
  const stride = width * channels;
  const pixels = new Uint32Array(width * height);
  let before = new Uint8Array(stride);
  for (let row = 0; row < height; row += 1) {
    const filter = data[row * (stride + 1)];
    const line = Uint8Array.from(data.subarray(row * (stride + 1) + 1, (row + 1) * (stride + 1)));
    for (let at = 0; at < stride; at += 1) {
      const left = at < channels ? 0 : line[at - channels];
      line[at] += predict(filter, left, before[at], at < channels ? 0 : before[at - channels]);
    }
    for (let column = 0; column < width; column += 1) {
      const at = column * channels;
      pixels[row * width + column] = (line[at] << 16) | (line[at + 1] << 8) | line[at + 2];
    }
    before = line;
  }
  return pixels;
}

function predict(filter, left, above, corner) {
  if (filter === 1) return left;
  if (filter === 2) return above;
  if (filter === 3) return (left + above) >> 1;
  if (filter !== 4) return 0;
  const [toLeft, toAbove, toCorner] = [left, above, corner].map((each) => Math.abs(left + above - corner - each));
  return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
}

/** The palette of the most frequent colours that are apart, and the nearest of them for each pixel. */
function quantise(pixels) {
  const counts = new Map();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  const colours = [...counts].sort(([, one], [, other]) => other - one).map(([colour]) => colour);
  const palette = spread(colours);
  const nearest = new Map(colours.map((colour) => [colour, nearestIndex(colour, palette)]));
  return { palette, indexes: Uint8Array.from(pixels, (pixel) => nearest.get(pixel)) };
}

/** Most frequent colours first, without those near a colour that is taken; the distance shrinks until all are taken. */
function spread(colours) {
  const palette = colours.slice(0, 12);
  for (let apart = 4096; palette.length < COLOURS && apart > 0; apart = apart >> 1) {
    for (const colour of colours) {
      if (palette.length >= COLOURS) break;
      if (palette.every((each) => distance(each, colour) > apart)) palette.push(colour);
    }
  }
  return palette;
}

function nearestIndex(colour, palette) {
  let best = 0;
  for (let index = 1; index < palette.length; index += 1) {
    if (distance(palette[index], colour) < distance(palette[best], colour)) best = index;
  }
  return best;
}

function distance(one, other) {
  const red = (one >> 16) - (other >> 16);
  const green = ((one >> 8) & 255) - ((other >> 8) & 255);
  const blue = (one & 255) - (other & 255);
  return red * red + green * green + blue * blue;
}
