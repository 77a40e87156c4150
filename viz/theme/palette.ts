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

/** Inks of text, lines and alarms. */
export const INK = {
  text: '#1b1f24',
  muted: '#57606a',
  line: '#8c959f',
  grid: '#e4e7eb',
  alarm: '#b3261e',
} as const;

/** A ground and the ink on it. */
interface Fill {
  readonly fill: string;
  readonly ink: string;
}

/** Fills of a heat map and the ink on each, which keeps a contrast of 4.5:1. Steps are one hue, light to dark. */
export const HEAT = {
  good: { fill: '#e3f1ec', ink: '#1b1f24' },
  bad: { fill: '#f6d5d2', ink: '#8c1d18' },
  none: { fill: '#f0f1f3', ink: '#57606a' },
  step1: { fill: '#eef5fa', ink: '#1b1f24' },
  step2: { fill: '#d3e5f1', ink: '#1b1f24' },
  step3: { fill: '#a9cce3', ink: '#1b1f24' },
  step4: { fill: '#6fa8cf', ink: '#1b1f24' },
  step5: { fill: '#1f5f8b', ink: '#ffffff' },
} as const;

/** The same on a dark page. */
export const HEAT_ON_DARK: Readonly<Record<keyof typeof HEAT, Fill>> = {
  good: { fill: '#173a2f', ink: '#d9f2e8' },
  bad: { fill: '#5a201d', ink: '#ffd9d5' },
  none: { fill: '#262d36', ink: '#b4bdc7' },
  step1: { fill: '#1c2a36', ink: '#e6edf3' },
  step2: { fill: '#1d3a50', ink: '#e6edf3' },
  step3: { fill: '#1f4d6e', ink: '#ffffff' },
  step4: { fill: '#23618f', ink: '#ffffff' },
  step5: { fill: '#7db8e0', ink: '#10161c' },
};

/** What each colour of a chart becomes on a dark page. A colour that is not here stays as it is. */
export const ON_DARK: Readonly<Record<string, string>> = {
  white: '#1b2129',
  [INK.text]: '#e6edf3',
  [INK.muted]: '#a7b1bc',
  [INK.line]: '#75808c',
  [INK.grid]: '#333c46',
  [INK.alarm]: '#ff8a80',
  [COLORS.blue]: '#58a6e0',
  [COLORS.vermillion]: '#f08a4b',
  [COLORS.green]: '#3fbf97',
  [COLORS.purple]: '#d98bb9',
  [COLORS.amber]: '#d6a93a',
  [COLORS.slate]: '#b9bec4',
  [COLORS.sky]: '#7cc4ee',
};

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
