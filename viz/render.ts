/**
 * Draws charts. vega, vega-lite and resvg are optional installs, loaded on first use; where one
 * is missing the answer is an issue that names it and the one command that adds it. Text is
 * measured and drawn with the font in `viz/assets` and never with the machine's own, so the same
 * chart is the same bytes everywhere.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Issue, Result } from '../model/issue.ts';
import { textWidthPx } from '../text/font-width.ts';
import type { ChartSpec } from './data/types.ts';

/** Pixels of a PNG per pixel of its chart. */
const PNG_SCALE = 2;

function asset(name: string): string {
  return fileURLToPath(new URL(`./assets/${name}`, import.meta.url));
}

/** The shipped font, by CSS weight; what is drawn to pixels here needs it unpacked. */
export const FONT_FILES = [
  { weight: 400, path: asset('Inter-Regular.ttf'), packed: asset('Inter-Regular.woff2') },
  { weight: 700, path: asset('Inter-Bold.ttf'), packed: asset('Inter-Bold.woff2') },
] as const;

/** The parts of a vega text item that its width depends on. */
interface TextItem {
  readonly fontSize?: number;
  readonly fontWeight?: string | number;
}

async function optional<T>(name: string, load: () => Promise<T>): Promise<Result<T>> {
  try {
    return { ok: true, value: await load() };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error;
    return { ok: false, issues: [missing(name)] };
  }
}

function missing(name: string): Issue {
  return {
    code: 'missing-package',
    path: name,
    expected: `the optional package ${name}, which draws charts`,
    received: 'not installed',
    hint: 'add it with: npm install vega vega-lite @resvg/resvg-js',
  };
}

/** vega's table of text measures; its declarations leave it out. */
interface WithTextMetrics {
  readonly textMetrics: { width: (item: TextItem, text: string) => number };
}

/**
 * Draws a chart as SVG. The same chart always gives the same bytes.
 *
 * @param idPrefix begins every `id` inside, so that several charts fit into one page.
 * @returns the SVG document, or an issue naming the optional package that is not installed.
 */
export async function renderSvg(spec: ChartSpec, idPrefix = 'chart'): Promise<Result<string>> {
  const vega = await optional('vega', () => import('vega'));
  if (!vega.ok) return vega;
  const vegaLite = await optional('vega-lite', () => import('vega-lite'));
  if (!vegaLite.ok) return vegaLite;
  const { compile } = vegaLite.value;
  const { View, parse } = vega.value;
  const { textMetrics } = vega.value as unknown as WithTextMetrics;
  const compiled = compile(spec as unknown as Parameters<typeof compile>[0]).spec;
  const view = new View(parse(compiled), { renderer: 'none' });
  // Layout happens inside run(), which does not wait: other users of vega never see our measure.
  const measured = textMetrics.width;
  textMetrics.width = (item, text) =>
    textWidthPx(text, item.fontSize ?? 11, item.fontWeight === 'bold');
  try {
    view.run();
  } finally {
    textMetrics.width = measured;
  }
  const svg = await view.toSVG();
  view.finalize();
  return { ok: true, value: withTitles(withIds(svg, idPrefix)) };
}

/**
 * vega writes what a mark says as `aria-label`, which no browser shows: here it becomes the element `title`, which all
 * show on hover and screen readers read.
 */
function withTitles(svg: string): string {
  return svg
    .replace(
      /<(path|line|rect) aria-label="([^"]*)" role="graphics-symbol" aria-roledescription="[^"]*"([^>]*)\/>/g,
      (_, tag: string, words: string, rest: string) =>
        `<${tag}${rest}><title>${words}</title></${tag}>`,
    )
    .replace(/ (?:role="graphics-(?:symbol|object)"|aria-roledescription="[^"]*")/g, '');
}

/** Draws a chart as an SVG file that carries its font, so that it looks the same wherever it is opened. */
export async function renderSvgFile(spec: ChartSpec): Promise<Result<string>> {
  const svg = await renderSvg(spec);
  if (!svg.ok) return svg;
  const style = `<style>${fontFaces()}</style>`;
  return { ok: true, value: svg.value.replace(/<svg [^>]*>/, (head) => `${head}${style}`) };
}

/** The shipped font as CSS that holds it. */
export function fontFaces(): string {
  return FONT_FILES.map(({ packed, weight }) => {
    const data = readFileSync(packed).toString('base64');
    return `@font-face { font-family: Inter; font-weight: ${weight}; src: url(data:font/woff2;base64,${data}) format('woff2'); }\n`;
  }).join('');
}

/** vega numbers its clip paths by a counter of the process; here they count from 0 in each chart. */
function withIds(svg: string, prefix: string): string {
  const ids = new Map<string, string>();
  const own = (id: string): string => {
    const known = ids.get(id) ?? `${prefix}-${ids.size}`;
    ids.set(id, known);
    return known;
  };
  return svg
    .replace(/\bid="([^"]+)"/g, (_, id: string) => `id="${own(id)}"`)
    .replace(/url\(#([^)]+)\)/g, (_, id: string) => `url(#${own(id)})`);
}

/** Draws a chart as PNG, two pixels per chart pixel. Errors as {@link renderSvg}. */
export async function renderPng(spec: ChartSpec): Promise<Result<Uint8Array>> {
  const resvg = await optional('@resvg/resvg-js', () => import('@resvg/resvg-js'));
  if (!resvg.ok) return resvg;
  const svg = await renderSvg(spec);
  if (!svg.ok) return svg;
  const image = new resvg.value.Resvg(svg.value, {
    fitTo: { mode: 'zoom', value: PNG_SCALE },
    font: {
      fontFiles: FONT_FILES.map(({ path }) => path),
      loadSystemFonts: false,
      defaultFontFamily: 'Inter',
    },
  });
  return { ok: true, value: image.render().asPng() };
}
