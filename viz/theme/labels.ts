/**
 * Where the numbers of points go: each beside its point, where it covers no point, no other number and none of
 * the ground that it must keep off. Places are tried in rings around the point until one is free. No randomness:
 * the same points always get the same places.
 */

/** A rectangle in pixels, y downwards. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A point with the size of the text to place beside it. */
export interface Labelled {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const RING_PX = 6;
const DIRECTIONS = 24;
/** The clear space that texts keep from points and from each other. */
const POINT_RADIUS_PX = 8;
const CLEAR_PX = 2;

function around({ x, y }: Labelled): Box {
  return {
    x: x - POINT_RADIUS_PX,
    y: y - POINT_RADIUS_PX,
    width: 2 * POINT_RADIUS_PX,
    height: 2 * POINT_RADIUS_PX,
  };
}

/**
 * The place of each text, in the order given. All stay inside `plot`.
 *
 * @param forbidden says of a box whether it touches ground that texts keep off
 */
export function placeLabels(
  texts: readonly Labelled[],
  plot: Box,
  forbidden: (box: Box) => boolean,
): readonly Box[] {
  const taken: Box[] = texts.map(around);
  return texts.map((text) => {
    const box = freePlace(
      text,
      plot,
      (at) => forbidden(at) || taken.some((other) => touch(at, other)),
    );
    taken.push(box);
    return box;
  });
}

function freePlace(text: Labelled, plot: Box, isTaken: (box: Box) => boolean): Box {
  const reach = plot.width + plot.height;
  for (let distance = POINT_RADIUS_PX + CLEAR_PX; distance < reach; distance += RING_PX) {
    for (let direction = 0; direction < DIRECTIONS; direction++) {
      // Up and to the left first: away from the ground below the line B = T.
      const turn = (direction % 2 === 0 ? 1 : -1) * Math.ceil(direction / 2);
      const angle = -0.75 * Math.PI + (2 * Math.PI * turn) / DIRECTIONS;
      const box = candidate(text, angle, distance);
      if (isInside(box, plot) && !isTaken(box)) return box;
    }
  }
  return candidate(text, -0.75 * Math.PI, POINT_RADIUS_PX);
}

/** The box whose nearest edge lies `distance` from the point in the direction `angle`. */
function candidate(text: Labelled, angle: number, distance: number): Box {
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  return {
    x: text.x + distance * cos + (cos - 1) * 0.5 * text.width,
    y: text.y + distance * sin + (sin - 1) * 0.5 * text.height,
    width: text.width,
    height: text.height,
  };
}

function isInside(box: Box, plot: Box): boolean {
  return (
    box.x >= plot.x + CLEAR_PX &&
    box.y >= plot.y + CLEAR_PX &&
    box.x + box.width <= plot.x + plot.width - CLEAR_PX &&
    box.y + box.height <= plot.y + plot.height - CLEAR_PX
  );
}

/** Whether two boxes come closer than the clear space between texts. */
function touch(a: Box, b: Box): boolean {
  return (
    a.x < b.x + b.width + CLEAR_PX &&
    b.x < a.x + a.width + CLEAR_PX &&
    a.y < b.y + b.height + CLEAR_PX &&
    b.y < a.y + a.height + CLEAR_PX
  );
}
