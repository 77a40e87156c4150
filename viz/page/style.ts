/** The look of the report page: one column, light or dark as the reader's system says, fit for a phone and to print. */
import { HEAT, HEAT_ON_DARK, ON_DARK } from '../theme/palette.ts';

/** Charts are drawn for a light ground; on a dark one each of their colours has a counterpart. */
function chartColors(colors: Readonly<Record<string, string>>): string {
  return Object.entries(colors)
    .map(
      ([light, dark]) =>
        `.chart [fill="${light}"] { fill: ${dark}; } .chart [stroke="${light}"] { stroke: ${dark}; }`,
    )
    .join('\n  ');
}

function heats(table: Readonly<Record<string, { readonly fill: string; readonly ink: string }>>) {
  return Object.entries(table)
    .map(([heat, { fill, ink }]) => `.heat .${heat} { background: ${fill}; color: ${ink}; }`)
    .join('\n  ');
}

export const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --muted: #57606a; --line: #d0d7de; --ground: #ffffff;
  --card: #f6f8fa; --alarm: #b3261e; --link: #0b5cad; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 Inter, system-ui, sans-serif;
  overflow-wrap: break-word; }
main, header, footer { max-width: 1080px; margin: 0 auto; padding: 0 20px; }
header { padding-top: 36px; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 12px; }
h2 { font-size: 22px; line-height: 1.3; margin: 44px 0 8px; padding-top: 12px; border-top: 1px solid var(--line); }
h3 { font-size: 16.5px; line-height: 1.35; margin: 0 0 4px; max-width: 84ch; }
p, dl { max-width: 80ch; }
ul.findings { max-width: 104ch; padding-left: 20px; font-size: 17px; }
ul.findings > li { margin: 8px 0; }
table.alternatives { font-size: 14.5px; margin: 8px 0 14px; table-layout: fixed; }
.alternatives th:first-child { width: 22%; overflow-wrap: anywhere; }
.alternatives tbody th { white-space: normal; font-weight: 700; }
.alternatives ul { margin: 0; padding-left: 16px; }
.alternatives .better li::marker { content: '+ '; }
.alternatives .worse li::marker { content: '− '; }
.muted, figcaption p { color: var(--muted); font-size: 14px; margin: 0 0 8px; max-width: 100ch; }
a { color: var(--link); }
dl.facts { display: flex; flex-wrap: wrap; gap: 2px 8px; margin: 12px 0; font-size: 14px; color: var(--muted); }
dl.facts dd { margin: 0 14px 0 0; overflow-wrap: anywhere; color: var(--ink); }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 20px; padding: 0; list-style: none; }
figure { margin: 22px 0 30px; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; }
/* A wide sheet goes on to the edge of the window before it scrolls. */
@media screen and (min-width: 1080px) { .scroll.sheet { width: max-content; min-width: 100%; max-width: calc(50vw + 500px); } }
.chart { border: 1px solid var(--line); border-radius: 8px; }
.chart svg { display: block; font-size: 12px; max-width: 100%; height: auto; margin: 0 auto; }
.chart svg text { font-family: Inter, system-ui, sans-serif; }
.narrow, .print-only { display: none; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; line-height: 1.45; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding: 10px; color: var(--muted); }
th, td { padding: 5px 8px; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
thead th { background: var(--card); font-weight: 700; white-space: nowrap; }
tbody th { font-weight: 400; white-space: nowrap; }
tbody th.group { background: var(--card); font-weight: 700; }
td.number, th.number, .numbers td { text-align: right; white-space: nowrap; }
td.wide { min-width: 32ch; }
.bad { color: var(--alarm); font-weight: 700; }
table.heat { font-size: 11.5px; line-height: 1.3; border-collapse: separate; border-spacing: 1px; }
.heat td, .heat th { border: 0; padding: 4px 5px; vertical-align: middle; }
.heat td { text-align: center; white-space: nowrap; }
.heat thead th { background: none; font-weight: 400; vertical-align: bottom; }
.heat:not(.one) thead th span { writing-mode: vertical-rl; transform: rotate(180deg); display: inline-block; }
.heat tbody th, .heat thead td { position: sticky; left: 0; background: var(--ground); }
.heat.one { width: auto; }
.heat.one td { text-align: left; white-space: normal; }
  ${heats(HEAT)}
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 14px; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 12px;
  white-space: pre-wrap; overflow-wrap: anywhere; }
details { margin: 8px 0; }
summary { cursor: pointer; padding: 4px 0; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
footer { padding: 36px 20px; color: var(--muted); font-size: 14px; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
@media screen and (max-width: 940px) {
  .wide { display: none; }
  .narrow { display: block; }
  td.wide { display: table-cell; }
}
@media screen and (max-width: 640px) {
  h1 { font-size: 24px; }
  ul.findings { padding-left: 16px; }
  .alternatives thead { display: none; }
  .alternatives tr { display: block; border-bottom: 1px solid var(--line); padding: 6px 0; }
  .alternatives tbody th:first-child, .alternatives td { display: block; width: auto; border: 0; padding: 2px 0; }
  .alternatives td.better::before { content: 'better: '; color: var(--muted); }
  .alternatives td.worse::before { content: 'worse: '; color: var(--muted); }
  main, header, footer { padding-left: 14px; padding-right: 14px; }
  .heat:not(.one) tbody th { white-space: normal; min-width: 112px; max-width: 128px; overflow-wrap: anywhere; font-size: 11px; }
  .heat.one { width: 100%; }
  .heat.one tbody th { white-space: normal; overflow-wrap: anywhere; }
}
@media screen and (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --muted: #a7b1bc; --line: #3a424c; --ground: #12161b; --card: #1b2129;
    --alarm: #ff8a80; --link: #79b8ff; }
  .chart { background: #1b2129; }
  ${chartColors(ON_DARK)}
  ${heats(HEAT_ON_DARK)}
}
@media print {
  @page { margin: 12mm; }
  :root { --ink: #000000; --muted: #444444; --line: #bbbbbb; }
  body { font-size: 10.5pt; line-height: 1.35; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  main, header, footer { max-width: none; padding: 0; }
  h1 { font-size: 18pt; } h2 { font-size: 14pt; margin: 16pt 0 4pt; padding-top: 6pt; } h3 { font-size: 11pt; }
  ul.findings { font-size: 11pt; }
  nav { display: none; }
  .scroll, .chart { overflow: visible; border: 0; }
  .chart svg { max-height: 98mm; }
  .muted, figcaption p { font-size: 9pt; margin-bottom: 3pt; }
  figure { margin: 8pt 0 12pt; }
  figure, tr { break-inside: avoid; }
  h2, h3, figcaption { break-after: avoid; }
  h2 + p { break-after: avoid; break-inside: avoid; }
  table { font-size: 8.5pt; }
  table.heat { font-size: 7pt; }
  .heat td, .heat th { padding: 2px 2px; }
  thead th, tbody th { white-space: normal; }
  .heat tbody th { white-space: nowrap; }
  details:not([open]), section.tables { display: none; }
  .print-only { display: block; }
}
`;
