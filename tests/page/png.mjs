// Small PNG files: a picture with a palette of 256 colours instead of one colour a pixel.

import { deflateSync, inflateSync } from "node:zlib";

const SIGNATURE = Buffer.from("89504e470d0a1a0a", "hex");

/** The checksum of a chunk. */
function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function chunk(name, data) {
  const out = Buffer.alloc(data.length + 12);
  out.writeUInt32BE(data.length);
  out.write(name, 4, "latin1");
  data.copy(out, 8);
  out.writeUInt32BE(crc32(out.subarray(4, data.length + 8)), data.length + 8);
  return out;
}

/** Width, height, bytes a pixel, and the pixels of a PNG of 8 bits a channel, not interlaced. */
function decode(png) {
  let header;
  const parts = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    const name = png.toString("latin1", at + 4, at + 8);
    const data = png.subarray(at + 8, at + 8 + png.readUInt32BE(at));
    if (name === "IHDR") header = data;
    if (name === "IDAT") parts.push(data);
  }
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const channels = { 2: 3, 6: 4 }[header[9]];
  if (header[8] !== 8 || !channels || header[12]) throw new Error("a PNG of another kind");

  const raw = inflateSync(Buffer.concat(parts));
  const stride = width * channels;
  const pixels = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (stride + 1)];
    for (let x = 0; x < stride; x += 1) {
      const left = x < channels ? 0 : pixels[y * stride + x - channels];
      const up = y === 0 ? 0 : pixels[(y - 1) * stride + x];
      const corner = x < channels || y === 0 ? 0 : pixels[(y - 1) * stride + x - channels];
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
      pixels[y * stride + x] = raw[y * (stride + 1) + 1 + x] + guess;
    }
  }
  return { width, height, channels, pixels };
}

/** The neighbour that is nearest to what the three suggest, as the format has it. */
function paeth(left, up, corner) {
  const guess = left + up - corner;
  const [a, b, c] = [left, up, corner].map((it) => Math.abs(guess - it));
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

/** The same picture in 256 of its colours; the others become the nearest of these. */
export function fewerColours(png) {
  const { width, height, channels, pixels } = decode(png);
  const colour = (at) => (pixels[at] << 16) | (pixels[at + 1] << 8) | pixels[at + 2];
  const counts = new Map();
  for (let at = 0; at < pixels.length; at += channels) {
    counts.set(colour(at), (counts.get(colour(at)) ?? 0) + 1);
  }
  // The same palette each time: equally frequent colours by their value.
  const frequent = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([it]) => it);
  // One of each kind first, so that a small mark keeps its colour beside the greys of the text.
  const kinds = new Map(frequent.toReversed().map((it) => [it & 0xe0e0e0, it]));
  const palette = [...new Set([...kinds.values(), ...frequent])].slice(0, 256);
  const places = new Map(palette.map((it, at) => [it, at]));
  const nearest = (wanted) => {
    const far = (it) =>
      [16, 8, 0].reduce((sum, by) => sum + (((it >> by) & 255) - ((wanted >> by) & 255)) ** 2, 0);
    return palette.reduce((best, it, at) => (far(it) < far(palette[best]) ? at : best), 0);
  };

  const lines = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const wanted = colour((y * width + x) * channels);
      if (!places.has(wanted)) places.set(wanted, nearest(wanted));
      lines[y * (width + 1) + 1 + x] = places.get(wanted);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  const table = Buffer.from(palette.flatMap((it) => [it >> 16, (it >> 8) & 255, it & 255]));
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", header),
    chunk("PLTE", table),
    chunk("IDAT", deflateSync(lines, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}
