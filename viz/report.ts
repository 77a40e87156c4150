/**
 * The report page: one HTML file that needs nothing else. Charts are drawn in as SVG, the font and
 * the data lie inside, nothing is loaded and no script runs, so it opens from a disk, prints, and
 * says the same in ten years.
 */
import { readFileSync } from 'node:fs';
import type { Result } from '../model/issue.ts';
import { inOrder, reportCharts, type ReportCharts } from './charts.ts';
import { formatCount, plural } from '../text/numbers.ts';
import { EMPTY, embeddedJson, html, Html } from './page/html.ts';
import { STYLE } from './page/style.ts';
import { derivationsTable, eventsTable, numbersTable, storiesTable } from './page/tables.ts';
import { finding } from './specs/grid.ts';
import { FONT_FILES, renderSvg } from './render.ts';
import type { Chart, ReportInput } from './types.ts';

/** Forbids the page every load; fonts and styles that lie inside stay allowed. */
const CONTENT_SECURITY = "default-src 'none'; style-src 'unsafe-inline'; font-src data:";

/**
 * Renders the whole report.
 *
 * @param input results, policies and scenarios of one comparison
 * @returns the HTML document, or an issue naming the optional package that is not installed. The
 *   same input always gives the same bytes.
 */
export async function renderReport(input: ReportInput): Promise<Result<string>> {
  const charts = reportCharts(input);
  const figures = new Map<Chart, Html>();
  for (const chart of inOrder(charts)) {
    const svg = await renderSvg(chart.spec, `figure-${figures.size + 1}`);
    if (!svg.ok) return svg;
    figures.set(chart, figure(chart, svg.value));
  }
  const draw = (chart: Chart): Html => figures.get(chart) ?? EMPTY;
  return { ok: true, value: page(input, charts, draw) };
}

/** A chart is shrunk to fit the column, but never below this share of its size: then it scrolls. */
const LEAST_SCALE = 0.8;

/** A drawn chart with its words for those who do not see it. */
function figure({ title, description }: Chart, svg: string): Html {
  const label = html`role="img" aria-label="${`${title}. ${description}`}"`;
  const width = Number(/ width="([\d.]+)"/.exec(svg)?.[1] ?? 0);
  const inline = svg
    .replace(/ xmlns(:xlink)?="[^"]*"/g, '')
    .replace('<svg ', () => `<svg ${label.text} style="min-width:${LEAST_SCALE * width}px" `);
  return html`<figure>
    <div class="scroll chart" role="region" aria-label="${title}" tabindex="0">
      ${new Html(inline)}
    </div>
    <figcaption>${description}</figcaption>
  </figure>`;
}

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
  const { rows } = input.comparison;
  const lead = rows.length === 0 ? 'Nothing was compared' : finding(rows);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="${CONTENT_SECURITY}" />
        <title>Ghostbound report: ${lead}</title>
        <style>
          ${new Html(fontFaces() + STYLE)}
        </style>
      </head>
      <body>
        <header>
          <h1>How long a dead connection haunts the server</h1>
          <p class="lead">${lead}.</p>
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
              html`<section aria-labelledby="${id}">
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
}

function fontFaces(): string {
  return FONT_FILES.map(({ path, weight }) => {
    const data = readFileSync(path).toString('base64');
    return `@font-face { font-family: Inter; font-weight: ${weight}; src: url(data:font/ttf;base64,${data}) format('truetype'); }\n`;
  }).join('');
}

function facts({ comparison, policies, scenarios, version }: ReportInput): Html {
  const entries: readonly (readonly [string, string])[] = [
    ['seed', comparison.seed],
    ['runs', `${formatCount(comparison.runs)} per policy and scenario`],
    ['compared', `${policies.length} policies on ${plural(scenarios.length, 'scenario')}`],
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
  const sections: readonly Section[] = [
    {
      id: 'overview',
      heading: 'All policies, all scenarios',
      body: html`<p>
          A <dfn>ghost</dfn> is a connection whose peer is gone but whose socket still stands.
          <dfn>B</dfn>, the bound, is the longest a ghost can live under a policy; <dfn>T</dfn>, the
          tolerance, is the longest silence that a living peer survives whatever the moment it
          begins.
        </p>
        ${charts.overview.map(draw)}`,
    },
    {
      id: 'detection',
      heading: 'How long ghosts live',
      body: html`${charts.detection.map(({ scenario, chart }) => detection(input, scenario, draw(chart)))}`,
    },
    {
      id: 'tradeoff',
      heading: 'Quick against gentle',
      body: html`<p>
          A ghost and a living peer in an outage look the same until the outage ends. So no policy
          has B below T, and what lies between them is the price of its timers.
        </p>
        ${charts.tradeoff.map(draw)}`,
    },
    { id: 'cost', heading: 'What it costs', body: html`${charts.cost.map(draw)}` },
    {
      id: 'runs',
      heading: 'Single runs',
      body: html`${charts.timelines.map((chart, index) => {
        const run = input.timelines[index];
        return html`${draw(chart)}${
          run === undefined
            ? EMPTY
            : html`<details>
                <summary>Events of this run</summary>
                ${eventsTable(run)}
              </details>`
        }`;
      })}`,
    },
  ];
  const drawn = [charts.overview, charts.detection, charts.tradeoff, charts.cost, charts.timelines];
  return sections.filter((_, index) => (drawn[index]?.length ?? 0) > 0);
}

function detection({ scenarios }: ReportInput, name: string, drawn: Html): Html {
  const scenario = scenarios.find((each) => each.name === name);
  return html`<h3 id="detection-${name}">${name}</h3>
    <p>${scenario?.title ?? ''}</p>
    ${drawn}`;
}

function tableSections(input: ReportInput): readonly Section[] {
  const derivations = input.policies.flatMap(({ name }) => {
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
  const sections: readonly Section[] = [
    { id: 'numbers', heading: 'All numbers', body: numbersTable(input.comparison) },
    {
      id: 'claims',
      heading: 'What people say, and what is true',
      body: html`<h3>Policies</h3>
        ${storiesTable('policy', input.policies)}
        <h3>Scenarios</h3>
        ${storiesTable('scenario', input.scenarios)}`,
    },
    {
      id: 'derivations',
      heading: 'Where B and T come from',
      body: html`<p>
          Formulas use the policy's own field names; times on the wire and the kernel's timers come
          on top as the text says.
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
      </p>`,
  };
}

/** What the page carries as data: all that it takes to draw its comparison again. */
function dataOf({ version, command, comparison, policies, scenarios }: ReportInput): unknown {
  return { version, command, comparison, policies, scenarios };
}
