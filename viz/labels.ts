/**
 * Where the names of points go. Every block of names is tried at growing distances around its
 * point, and takes the place that covers least of what is already there. No randomness: the same
 * points always get the same places.
 */

/** A rectangle in pixels, y downwards. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A point with a block of names to place beside it. */
export interface Labelled {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const DISTANCES_PX = [10, 22, 36, 54, 76, 104];
const DIRECTIONS = 16;
/** The clear space a point keeps from its own name, and from the names of others. */
const OWN_RADIUS_PX = 8;
const POINT_RADIUS_PX = 13;

function around({ x, y }: Labelled, radius: number): Box {
  return { x: x - radius, y: y - radius, width: 2 * radius, height: 2 * radius };
}

/** The place of each block, in the order given; blocks stay inside `plot` and keep off `obstacles`. */
export function placeLabels(
  blocks: readonly Labelled[],
  plot: Box,
  obstacles: readonly Box[],
): readonly Box[] {
  const order = blocks
    .map((block, index) => ({ index, area: block.width * block.height }))
    .toSorted((a, b) => b.area - a.area || a.index - b.index);
  const placed = new Map<number, Box>();
  for (const { index } of order) {
    const block = blocks[index];
    if (block === undefined) continue;
    const points = blocks.map((other) =>
      around(other, other === block ? OWN_RADIUS_PX : POINT_RADIUS_PX),
    );
    placed.set(index, bestPlace(block, [...obstacles, ...points, ...placed.values()], plot));
  }
  return blocks.map((block, index) => placed.get(index) ?? candidate(block, 0, 0));
}

function bestPlace(block: Labelled, obstacles: readonly Box[], plot: Box): Box {
  let best = candidate(block, 0, DISTANCES_PX[0] ?? 0);
  let least = Infinity;
  for (const [ring, distance] of DISTANCES_PX.entries()) {
    for (let direction = 0; direction < DIRECTIONS; direction++) {
      const angle = (2 * Math.PI * direction) / DIRECTIONS;
      const box = inside(candidate(block, angle, distance), plot);
      const covered = obstacles.reduce((sum, other) => sum + overlap(box, other), 0);
      // A ring further out is worth it only where it saves covering about a letter or two.
      const price = covered + 30 * ring + Math.min(direction, DIRECTIONS - direction);
      if (price < least) {
        least = price;
        best = box;
      }
    }
  }
  return best;
}

/** The block whose nearest edge lies `distance` from the point in the direction `angle`. */
function candidate(block: Labelled, angle: number, distance: number): Box {
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  return {
    x: block.x + distance * cos + (cos - 1) * 0.5 * block.width,
    y: block.y + distance * sin + (sin - 1) * 0.5 * block.height,
    width: block.width,
    height: block.height,
  };
}

/** The box moved into the plot, as far as it fits. */
function inside(box: Box, plot: Box): Box {
  const x = Math.min(box.x, plot.x + plot.width - box.width);
  const y = Math.min(box.y, plot.y + plot.height - box.height);
  return { ...box, x: Math.max(plot.x, x), y: Math.max(plot.y, y) };
}

function overlap(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}
