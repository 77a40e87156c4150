/** The tables of the report page: every number, every claim, every derivation, every event. */
import type { Bound, Tolerance } from '../../model/bounds/types.ts';
import type { Comparison, ComparisonRow, RunEvent, RunResult } from '../../model/results/types.ts';
import {
  formatBound,
  formatCount,
  formatMs,
  formatTolerance,
  formatSeconds,
} from '../../text/numbers.ts';
import { neverWords } from '../data/cells.ts';
import type { CellBounds } from '../data/types.ts';
import { EMPTY, html, type Html } from './html.ts';

/** A table may scroll sideways on a narrow screen; the keyboard reaches it too. */
function scrolling(label: string, table: Html): Html {
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0">${table}</div>`;
}

const NUMBER_HEADS: readonly string[] = [
  'ghost p50',
  'p99',
  'longest',
  'bound B',
  'released by',
  'tolerance T',
  'living killed',
  'packets/h',
  'wakes/h',
];

/** Every cell of the comparison, grouped by scenario. */
export function numbersTable({ rows }: Comparison): Html {
  const scenarios = [...new Set(rows.map(({ scenario }) => scenario))];
  const columns = NUMBER_HEADS.length + 1;
  const bodies = scenarios.map(
    (scenario) =>
      html`<tbody>
        <tr>
          <th class="group" colspan="${columns}" scope="rowgroup">${scenario}</th>
        </tr>
        ${rows.filter((row) => row.scenario === scenario).map(numbersRow)}
      </tbody>`,
  );
  return scrolling(
    'All numbers',
    html`<table class="numbers">
      <caption>
        Times run from the fault. Bounds are proved upper limits and rounded up, tolerances are
        rounded down; a dash means that there is nothing to measure.
      </caption>
      <thead>
        <tr>
          <th scope="col">policy</th>
          ${NUMBER_HEADS.map((head) => html`<th scope="col" class="number">${head}</th>`)}
        </tr>
      </thead>
      ${bodies}
    </table>`,
  );
}

function numbersRow(row: ComparisonRow): Html {
  const { ghostMs, falseReaps, cost } = row;
  const fault = row.kind === 'fault';
  const reached = ghostMs.samples + ghostMs.undetected;
  const longest =
    ghostMs.undetected > 0
      ? html`<span class="bad">${neverWords(row)}</span>${
            ghostMs.max === null ? '' : `, the others within ${formatMs(ghostMs.max, 'up')}`
          }`
      : html`${time(ghostMs.max)}`;
  const killed =
    falseReaps.samples === 0
      ? html`–`
      : falseReaps.count === 0
        ? html`0 of ${formatCount(falseReaps.samples)}`
        : html`<span class="bad"
            >${formatCount(falseReaps.count)} of ${formatCount(falseReaps.samples)}</span
          >`;
  const cells: readonly Html[] = [
    html`${time(ghostMs.p50)}`,
    html`${time(ghostMs.p99)}`,
    row.prevented > 0 && reached === 0 ? html`prevented` : longest,
    html`${fault ? (row.proved ? formatBound(row.boundMs) : 'not proved') : '–'}`,
    html`${fault ? (row.releaseProved ? formatBound(row.releaseBoundMs) : 'not proved') : '–'}`,
    html`${fault && row.toleranceMs === null ? '–' : row.toleranceProved ? formatTolerance(row.toleranceMs) : 'not proved'}`,
    killed,
    html`${formatCount(cost.packetsPerHour)}`,
    html`${formatCount(cost.wakeupsPerHour)}`,
  ];
  return html`<tr>
    <th scope="row">${row.policy}</th>
    ${cells.map((cell) => html`<td>${cell}</td>`)}
  </tr>`;
}

function time(ms: number | null): string {
  return ms === null ? '–' : formatMs(ms);
}

/** A policy or a scenario: what people believe about it, and what is true. */
export interface Story {
  readonly name: string;
  readonly title: string;
  readonly claim?: string;
  readonly truth?: string;
  readonly source?: string;
}

/** Claim against truth, one row per story. */
export function storiesTable(what: string, stories: readonly Story[]): Html {
  return scrolling(
    `Claims and truths: ${what}`,
    html`<table>
      <thead>
        <tr>
          <th scope="col">${what}</th>
          <th scope="col">what it is</th>
          <th scope="col">what people say</th>
          <th scope="col">what is true</th>
        </tr>
      </thead>
      <tbody>
        ${stories.map(
          ({ name, title, claim, truth, source }) =>
            html`<tr>
              <th scope="row">${name}</th>
              <td class="wide">
                ${title}${source === undefined ? EMPTY : html`<br /><span class="muted">${source}</span>`}
              </td>
              <td class="wide">${claim ?? '–'}</td>
              <td class="wide">${truth ?? '–'}</td>
            </tr>`,
        )}
      </tbody>
    </table>`,
  );
}

/** Formula and derivation of B and T, for the scenarios of one policy. */
export function derivationsTable(policy: string, cells: readonly CellBounds[]): Html {
  const rows = cells.flatMap(({ scenario, bounds }) => [
    derivationRow(scenario, 'B, decided', stated(bounds.decided, formatBound), bounds.decided),
    derivationRow(scenario, 'B, released', stated(bounds.released, formatBound), bounds.released),
    derivationRow(scenario, 'T', stated(bounds.tolerance, formatTolerance), bounds.tolerance),
  ]);
  return scrolling(
    `Derivations: ${policy}`,
    html`<table>
      <thead>
        <tr>
          <th scope="col">scenario</th>
          <th scope="col">number</th>
          <th scope="col" class="number">value</th>
          <th scope="col">decided by</th>
          <th scope="col">formula</th>
          <th scope="col">why</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>`,
  );
}

function stated({ maxMs, proved }: Bound, format: (ms: number | null) => string): string {
  return proved ? format(maxMs) : 'not proved';
}

function derivationRow(
  scenario: string,
  number: string,
  value: string,
  { by, formula, derivation }: Bound | Tolerance,
): Html {
  return html`<tr>
    <th scope="row">${scenario}</th>
    <td>${number}</td>
    <td class="number">${value}</td>
    <td>${by}</td>
    <td><code>${formula}</code></td>
    <td class="wide">${derivation}</td>
  </tr>`;
}

/** Events of a run listed on the page; a saturated sender makes many thousands. */
const MAX_EVENTS = 150;

/** The events of one run as text, the first ones where there are too many to list. */
export function eventsTable({ events, faultAtMs }: RunResult): Html {
  const shown = events.slice(0, MAX_EVENTS);
  const remark =
    shown.length < events.length
      ? `The first ${shown.length} of ${formatCount(events.length)} events.`
      : `All ${formatCount(events.length)} events.`;
  return scrolling(
    'Events of the run',
    html`<table>
      <caption>
        ${remark} Times are in seconds since ${faultAtMs === null ? 'the start' : 'the fault'}.
      </caption>
      <thead>
        <tr>
          <th scope="col" class="number">time, s</th>
          <th scope="col">where</th>
          <th scope="col">event</th>
          <th scope="col">details</th>
        </tr>
      </thead>
      <tbody>
        ${shown.map((event) => eventRow(event, faultAtMs ?? 0))}
      </tbody>
    </table>`,
  );
}

function eventRow({ atMs, where, event, ...details }: RunEvent, originMs: number): Html {
  const words = Object.entries(details).map(([name, value]) => `${name} ${String(value)}`);
  return html`<tr>
    <td class="number">${formatSeconds(atMs - originMs)}</td>
    <td>${where}</td>
    <td>${event}</td>
    <td class="wide">${words.join(' · ')}</td>
  </tr>`;
}
