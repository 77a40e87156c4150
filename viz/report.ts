/**
 * The report page: one HTML file that needs nothing else. Charts are drawn in as SVG, once for a desk and once for
 * a phone, the font and the data lie inside, nothing is loaded and no script runs, so it opens from a disk, prints,
 * and says the same in ten years.
 */
import type { Result } from '../model/issue.ts';
import { formatCount, plural } from '../text/numbers.ts';
import type { Closing } from '../text/standing.ts';
import { tied } from '../text/width.ts';
import { inOrder, reportCharts, type ReportCharts } from './charts.ts';
import { findingsList } from './page/findings.ts';
import { heatTable } from './page/heat.ts';
import { EMPTY, embeddedJson, html, Html } from './page/html.ts';
import { STYLE } from './page/style.ts';
import { derivationsTable, eventsTable, numbersTable, storiesTable } from './page/tables.ts';
import { inlineSvg } from './page/inline-svg.ts';
import { fontFaces, renderSvg } from './render.ts';
import { sheetOf } from './specs/grid.ts';
import { NARROW, WIDE } from './theme/theme.ts';
import type { Chart, ChartSpec, ReportInput, TimelineInput } from './data/types.ts';

/** Forbids the page every load; fonts and styles that lie inside stay allowed. */
const CONTENT_SECURITY = "default-src 'none'; style-src 'unsafe-inline'; font-src data:";

/** Order statistics per cell that the page carries, in whole milliseconds: as many as its curves have steps, and some more. */
const QUANTILES = 32;

/** Policies whose derivations are listed: a reader of more of them wants the one that he runs. */
const MOST_DERIVED = 2;

/**
 * Renders the whole report.
 *
 * @param input results, policies and scenarios of one comparison
 * @returns the HTML document, or an issue naming the optional package that is not installed. The
 *   same input always gives the same bytes.
 */
export async function renderReport(input: ReportInput): Promise<Result<string>> {
  const charts = reportCharts(input, WIDE);
  const narrow = new Map(
    inOrder(reportCharts(input, NARROW)).map((chart) => [chart.name, chart.spec]),
  );
  const figures = new Map<string, Html>();
  for (const chart of inOrder(charts)) {
    // The sheets of the overview are tables on the page.
    if (charts.overview.includes(chart)) continue;
    const drawn = await drawnTwice(chart, narrow.get(chart.name) ?? chart.spec, figures.size + 1);
    if (!drawn.ok) return drawn;
    figures.set(chart.name, drawn.value);
  }
  const draw = (chart: Chart): Html => figures.get(chart.name) ?? EMPTY;
  return { ok: true, value: page(input, charts, draw) };
}

/** The page says title and reading itself, so that they wrap, and can be read aloud and copied. */
function withoutHead({ title: _title, ...rest }: ChartSpec): ChartSpec {
  return rest;
}

async function drawnTwice(chart: Chart, narrow: ChartSpec, number: number): Promise<Result<Html>> {
  const atDesk = await renderSvg(withoutHead(chart.spec), `figure-${number}`);
  if (!atDesk.ok) return atDesk;
  const onPhone = await renderSvg(withoutHead(narrow), `narrow-${number}`);
  if (!onPhone.ok) return onPhone;
  const { name, title, reading, description } = chart;
  const label = html`role="img" aria-label="${`${title}. ${description}`}"`;
  const inline = (svg: string): Html =>
    new Html(inlineSvg(svg).replace('<svg ', () => `<svg ${label.text} `));
  return {
    ok: true,
    value: html`<figure id="${name}">
      <figcaption>
        <h3>${tied(title)}</h3>
        <p>${tied(reading)}</p>
      </figcaption>
      <div class="chart wide">${inline(atDesk.value)}</div>
      <div class="chart narrow">${inline(onPhone.value)}</div>
    </figure>`,
  };
}

/** Sections of closed tables: they stay out of print, which says where they are. */
const TABLES: ReadonlySet<string> = new Set(['numbers', 'claims', 'derivations']);

interface Section {
  readonly id: string;
  readonly heading: string;
  readonly body: Html;
}

function page(input: ReportInput, charts: ReportCharts, draw: (chart: Chart) => Html): string {
  const sections = [
    ...chartSections(input, charts, draw),
    ...tableSections(input),
    reproduction(input),
  ];
  const findings = findingsOf(input, charts);
  const whole = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="${CONTENT_SECURITY}" />
        <title>Ghostbound report: ${findings[0]?.sentence ?? 'nothing was compared'}</title>
        <style>
          ${new Html(fontFaces() + STYLE)}
        </style>
      </head>
      <body>
        <header>
          <h1>How long a dead connection haunts the server</h1>
          ${findings.length === 0 ? html`<p>Nothing was compared.</p>` : findingsList(findings)}
          ${facts(input)}
          <nav aria-label="Contents">
            <ul>
              ${sections.map(({ id, heading }) => html`<li><a href="#${id}">${heading}</a></li>`)}
            </ul>
          </nav>
        </header>
        <main>
          ${sections.map(
            ({ id, heading, body }) =>
              html`<section aria-labelledby="${id}" class="${TABLES.has(id) ? 'tables' : 'charts'}">
                <h2 id="${id}">${heading}</h2>
                ${body}
              </section>`,
          )}
        </main>
        <footer>
          Made by ghostbound ${input.version}, seed ${input.comparison.seed}. No clock and no
          network took part: the same command makes the same page.
        </footer>
        <script type="application/json" id="ghostbound-data">
          ${embeddedJson(dataOf(input))}
        </script>
      </body>
    </html> `.text;
  // Nothing on the page hangs on how much space stands between two tags.
  return whole.replace(/>\s+</g, '>\n<');
}

/** What a reader should take away: for what he runs, where he said so; else what the charts say. */
function findingsOf(
  { findings, comparison }: ReportInput,
  charts: ReportCharts,
): readonly Closing[] {
  if (comparison.rows.length === 0 || findings.length > 0) return findings;
  const shown = [...charts.overview, ...charts.planes.slice(0, 1), ...charts.timelines];
  return [...new Set(shown.map(({ title }) => title))].map((title) => ({
    sentence: `${title}.`,
    alternatives: [],
  }));
}

function facts({ comparison, policies, scenarios, version }: ReportInput): Html {
  const entries: readonly (readonly [string, string])[] = [
    ['seed', comparison.seed],
    ['runs', `${formatCount(comparison.runs)} per policy and scenario`],
    [
      'compared',
      `${plural(policies.length, 'policy').replace('policys', 'policies')} on ${plural(scenarios.length, 'scenario')}`,
    ],
    ['version', `ghostbound ${version}`],
  ];
  return html`<dl class="facts">
    ${entries.map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${value}</dd>`,
    )}
  </dl>`;
}

function chartSections(
  input: ReportInput,
  charts: ReportCharts,
  draw: (chart: Chart) => Html,
): readonly Section[] {
  const sheets = (['fault', 'live'] as const).flatMap((kind) => {
    const sheet = sheetOf(input.comparison, kind);
    return sheet === undefined ? [] : [sheet];
  });
  const sections: readonly (Section & { readonly isThere: boolean })[] = [
    {
      id: 'overview',
      heading: 'Dead peers and living ones',
      isThere: sheets.length > 0,
      body: html`<p>
          A <dfn>ghost</dfn> is a connection whose peer is gone but whose socket still stands.
          <dfn>B</dfn>, the bound, is the longest a ghost can live under a policy; <dfn>T</dfn>, the
          tolerance, is the longest silence that a living peer survives whatever the moment it
          begins.
        </p>
        ${sheets.map(
          (sheet) =>
            html`<figure>
              <figcaption>
                <h3>${tied(sheet.title)}</h3>
                <p>${sheet.reading}</p>
              </figcaption>
              ${heatTable(sheet)}
            </figure>`,
        )}`,
    },
    {
      id: 'runs',
      heading: 'What it looks like',
      isThere: charts.timelines.length > 0,
      body: html`${charts.timelines.map((chart, index) => withEvents(draw(chart), input.timelines[index]))}`,
    },
    {
      id: 'planes',
      heading: 'Quick against gentle, quick against cheap',
      isThere: charts.planes.length > 0,
      body: html`<p>
          A ghost and a living peer in an outage look the same until the outage ends. So no policy
          has B below T, and what lies between them is the price of its timers.
        </p>
        ${charts.planes.map(draw)}`,
    },
    {
      id: 'detection',
      heading: 'How long ghosts live',
      isThere: charts.detection.length > 0,
      body: html`${[...charts.detection, ...charts.tails].map(draw)}`,
    },
    {
      id: 'fleet',
      heading: 'What ghosts do to the server around them',
      isThere: charts.fleet.length > 0,
      body: html`${charts.fleet.map(draw)}`,
    },
  ];
  return sections.filter(({ isThere }) => isThere);
}

/** A timeline, and its events as text for who wants to read them. */
function withEvents(drawn: Html, timeline: TimelineInput | undefined): Html {
  if (timeline === undefined) return drawn;
  return html`${drawn}
    <details>
      <summary>Events of this run</summary>
      ${eventsTable(timeline.run)}
    </details>`;
}

function tableSections(input: ReportInput): readonly Section[] {
  const derivations = input.policies.slice(0, MOST_DERIVED).flatMap(({ name }) => {
    const cells = input.bounds.filter(({ policy }) => policy === name);
    return cells.length === 0
      ? []
      : [
          html`<details>
            <summary>${name}</summary>
            ${derivationsTable(name, cells)}
          </details>`,
        ];
  });
  const others = input.policies.slice(MOST_DERIVED).length;
  const sections: readonly Section[] = [
    {
      id: 'numbers',
      heading: 'All numbers',
      body: html`<details>
        <summary>Every policy on every scenario, as a table</summary>
        ${numbersTable(input.comparison)}
      </details>`,
    },
    {
      id: 'claims',
      heading: 'What people say, and what is true',
      body: html`<details>
          <summary>Policies</summary>
          ${storiesTable('policy', input.policies)}
        </details>
        <details>
          <summary>Scenarios</summary>
          ${storiesTable('scenario', input.scenarios)}
        </details>`,
    },
    {
      id: 'derivations',
      heading: 'Where B and T come from',
      body: html`<p>
          Formulas use the policy's own field names; times on the wire and the kernel's timers come
          on top as the text says.${others === 0 ? '' : ' A report of one policy lists its own.'}
        </p>
        ${derivations}`,
    },
  ];
  return sections.filter(({ id }) => id !== 'derivations' || derivations.length > 0);
}

function reproduction({ command }: ReportInput): Section {
  return {
    id: 'again',
    heading: 'The same page again',
    body: html`<pre>${command}</pre>
      <p>
        Every number above is also in this file as JSON, in the element
        <code>ghostbound-data</code>.
      </p>
      <p class="print-only">
        On the screen the page also has tables: every policy on every scenario, what people say and
        what is true, where B and T come from, and the events of each run.
      </p>`,
  };
}

/** What the page carries as data: all that it takes to draw its comparison again. */
function dataOf({ version, command, comparison, policies, scenarios }: ReportInput): unknown {
  const rows = comparison.rows.map((row) =>
    Object.assign({}, row, { ghostQuantilesMs: thinned(row.ghostQuantilesMs).map(Math.round) }),
  );
  return { version, command, comparison: { ...comparison, rows }, policies, scenarios };
}

/** Order statistics at even distances, the greatest among them. */
function thinned(sorted: readonly number[]): readonly number[] {
  if (sorted.length <= QUANTILES) return sorted;
  return Array.from(
    { length: QUANTILES },
    (_, k) => sorted[Math.ceil(((k + 1) * sorted.length) / QUANTILES) - 1] ?? 0,
  );
}
