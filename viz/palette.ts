/**
 * One look per policy, the same in every chart: a colour that people with any colour vision can
 * tell apart, a dash and a shape, so that colour is never the only sign. A policy and its broken
 * variants share the colour and differ in dash and shape. Colours follow Okabe and Ito (2008),
 * darkened until each has a contrast of at least 3:1 on white.
 */

/** How a policy is drawn. */
export interface PolicyStyle {
  readonly color: string;
  /** Lengths of dashes and gaps in pixels; empty = solid. */
  readonly dash: readonly number[];
  /** A vega symbol name. */
  readonly shape: string;
}

export const COLORS = {
  blue: '#0072b2',
  vermillion: '#d55e00',
  green: '#00805f',
  purple: '#a6427f',
  amber: '#a87800',
  slate: '#4d4d4d',
  sky: '#2f8fc4',
} as const;
type ColorName = keyof typeof COLORS;

const DASHES: readonly (readonly number[])[] = [[], [6, 3], [2, 2], [8, 3, 2, 3]];
const SHAPES = [
  'circle',
  'square',
  'triangle-up',
  'diamond',
  'triangle-down',
  'cross',
  'triangle-right',
  'triangle-left',
] as const;

function style(color: ColorName, dash: number, shape: (typeof SHAPES)[number]): PolicyStyle {
  return { color: COLORS[color], dash: DASHES[dash] ?? [], shape };
}

const BUILT_IN: ReadonlyMap<string, PolicyStyle> = new Map([
  ['none', style('slate', 0, 'circle')],
  ['drain-unbounded', style('slate', 1, 'square')],
  ['drain-15s', style('slate', 2, 'triangle-up')],
  ['alive-flag-sweep', style('blue', 0, 'circle')],
  ['alive-flag-sweep-lost', style('blue', 2, 'square')],
  ['ws-heartbeat-per-connection', style('blue', 1, 'triangle-up')],
  ['sweep-and-pong-timer', style('green', 0, 'diamond')],
  ['sweep-lost-and-pong-timer', style('green', 2, 'triangle-down')],
  ['chat-server', style('green', 1, 'cross')],
  ['engine.io-v4-server', style('sky', 1, 'triangle-right')],
  ['socket.io', style('sky', 1, 'triangle-right')],
  ['send-stall-watchdog', style('purple', 0, 'square')],
  ['queue-stall-watchdog', style('purple', 1, 'triangle-up')],
  ['ack-stall-watchdog', style('purple', 2, 'diamond')],
  ['keepalive-linux-default', style('vermillion', 3, 'triangle-down')],
  ['keepalive-go-15s', style('vermillion', 1, 'square')],
  ['keepalive-10-5-3', style('vermillion', 0, 'circle')],
  ['keepalive-10-5-3-user-timeout-20s', style('amber', 1, 'triangle-up')],
  ['keepalive-10-5-3-user-timeout-10s', style('amber', 2, 'triangle-down')],
  ['user-timeout-20s', style('amber', 0, 'diamond')],
  ['grpc-5s-1s', style('sky', 0, 'cross')],
]);

/** Every colour with every dash: what a policy without a fixed look may get. */
const CHOICES: readonly PolicyStyle[] = DASHES.flatMap((dash, d) =>
  Object.values(COLORS).map((color, c) => ({
    color,
    dash,
    shape: SHAPES[(c + 3 * d) % SHAPES.length] ?? 'circle',
  })),
);

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

function looksLike(a: PolicyStyle, b: PolicyStyle): boolean {
  return a.color === b.color && a.dash.join() === b.dash.join();
}

/**
 * The look of each policy. Built-in ones have a fixed one; any other gets the one its name hashes
 * to, or the next that is free, in the order of the names, so that the order of `names` does not
 * matter. Up to 28 looks are distinct.
 */
export function policyStyles(names: readonly string[]): ReadonlyMap<string, PolicyStyle> {
  const styles = new Map<string, PolicyStyle>();
  for (const name of names) {
    const fixed = BUILT_IN.get(name);
    if (fixed !== undefined) styles.set(name, fixed);
  }
  for (const name of names.toSorted()) {
    if (styles.has(name)) continue;
    const first = hash(name) % CHOICES.length;
    const inOrder = [...CHOICES.slice(first), ...CHOICES.slice(0, first)];
    const taken = [...styles.values()];
    const free = inOrder.find((choice) => !taken.some((other) => looksLike(choice, other)));
    styles.set(name, free ?? inOrder[0] ?? style('slate', 0, 'circle'));
  }
  return styles;
}
