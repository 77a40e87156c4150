/**
 * A drawn chart as it goes into a page: without what the page says once (fonts, roles of groups), with a tenth of a
 * pixel as the finest measure, and with each staircase as the few moves that it is.
 */

/** Attributes that say what is so without them, or what only vega reads. */
const NEEDLESS =
  / (?:(?:xmlns(?::xlink)?|version|font-family|class|pointer-events|stroke-miterlimit|aria-hidden)="[^"]*"|(?:opacity|stroke-opacity|fill-opacity|stroke-width)="1"|(?:stroke-width|x2|y2)="0"|stroke="none"(?= d=)|text-anchor="start"|font-weight="normal"|font-size="12px"|transform="translate\(0,0\)")/g;

const MEASURES = / (?:d|transform|x|y|x1|x2|y1|y2|width|height)="[^"]*"/g;

/** The chart for a page. */
export function inlineSvg(svg: string): string {
  const short = svg
    .replace(/<path d="[^"]*" display="none"\/>/g, '')
    .replace(/<path class="background"[^>]*stroke="none"\/>/g, '')
    .replace(NEEDLESS, '')
    .replace(MEASURES, (attribute) => attribute.replace(/-?\d+\.\d{2,}/g, tenth))
    .replace(/ d="([^"]*)"/g, (_, path: string) => ` d="${shortPath(path)}"`);
  return joinedLines(withoutIdleGroups(short));
}

function tenth(number: string): string {
  return String(Number(Number(number).toFixed(1)));
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** A path of straight lines without the points on the way, level and upright moves by one number. */
function shortPath(path: string): string {
  if (!/^M[-\d.,L]+Z?$/.test(path)) return path;
  const isClosed = path.endsWith('Z');
  const points = path
    .replace(/[MZ]/g, '')
    .split('L')
    .map((pair): Point => {
      const [x = '0', y = '0'] = pair.split(',');
      return { x: Number(x), y: Number(y) };
    });
  const kept: Point[] = [];
  for (const point of points) {
    const last = kept.at(-1);
    if (last?.x === point.x && last.y === point.y) continue;
    const before = kept.at(-2);
    if (last !== undefined && before !== undefined && isBetween(before, last, point)) kept.pop();
    kept.push(point);
  }
  const [first] = kept;
  if (first === undefined) return path;
  const moves = kept.slice(1).map(({ x, y }, index) => {
    const from = kept[index] ?? first;
    if (from.y === y) return `H${x}`;
    return from.x === x ? `V${y}` : `L${x},${y}`;
  });
  return `M${first.x},${first.y}${moves.join('')}${isClosed ? 'Z' : ''}`;
}

/** Whether the middle of three points lies on the level or upright way from the first to the last. */
function isBetween(a: Point, b: Point, c: Point): boolean {
  const within = (low: number, mid: number, high: number): boolean =>
    (low <= mid && mid <= high) || (high <= mid && mid <= low);
  return (
    (a.x === b.x && b.x === c.x && within(a.y, b.y, c.y)) ||
    (a.y === b.y && b.y === c.y && within(a.x, b.x, c.x))
  );
}

/** Takes out groups without any attribute; what is in them stays. */
function withoutIdleGroups(svg: string): string {
  const isIdle: boolean[] = [];
  return svg.replace(/<g( [^>]*)?>|<g\/>|<\/g>/g, (tag, attributes: string | undefined) => {
    if (tag === '<g/>') return '';
    if (tag === '</g>') return isIdle.pop() === true ? '' : tag;
    const idle = attributes === undefined;
    isIdle.push(idle);
    return idle ? '' : tag;
  });
}

/** Upright lines of one look side by side, such as a grid, become one path. */
function joinedLines(svg: string): string {
  const one =
    /<line transform="translate\(([-\d.]+),([-\d.]+)\)" y2="([-\d.]+)" stroke="([^"]+)"\/>/;
  const many = new RegExp(`(?:${one.source}){2,}`, 'g');
  return svg.replace(many, (lines) => {
    const moves: string[] = [];
    const looks = new Set<string>();
    for (const [, x = '', y = '', length = '', stroke = ''] of lines.matchAll(
      new RegExp(one.source, 'g'),
    )) {
      moves.push(`M${x},${y}v${length}`);
      looks.add(stroke);
    }
    const [look] = looks;
    return looks.size === 1 ? `<path d="${moves.join('')}" stroke="${look ?? ''}"/>` : lines;
  });
}
