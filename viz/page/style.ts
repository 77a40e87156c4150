/** The look of the report page: one column, light or dark as the reader's system says, fit to print. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --muted: #57606a; --line: #d0d7de; --ground: #ffffff;
  --card: #f6f8fa; --alarm: #b3261e; --link: #0b5cad; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --muted: #9aa5b1; --line: #3a424c; --ground: #12161b; --card: #1b2129;
    --alarm: #ff8a80; --link: #79b8ff; }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.55 Inter, system-ui, sans-serif; }
main, header, footer { max-width: 1180px; margin: 0 auto; padding: 0 20px; }
header { padding-top: 40px; }
h1 { font-size: 30px; line-height: 1.2; margin: 0 0 12px; }
h2 { font-size: 22px; line-height: 1.3; margin: 56px 0 8px; padding-top: 12px; border-top: 1px solid var(--line); }
h3 { font-size: 17px; margin: 32px 0 4px; }
p, dl, ul { max-width: 74ch; }
.lead { font-size: 19px; }
.muted, figcaption { color: var(--muted); font-size: 14px; }
a { color: var(--link); }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; margin: 16px 0; }
dl.facts dt { color: var(--muted); }
dl.facts dd { margin: 0; overflow-wrap: anywhere; }
nav ul { columns: 2; padding-left: 20px; }
figure { margin: 16px 0 28px; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; }
.chart { background: #ffffff; }
.chart svg { display: block; max-width: 100%; height: auto; margin: 0 auto; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; line-height: 1.45; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding: 10px; color: var(--muted); }
th, td { padding: 5px 8px; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
thead th { background: var(--card); font-weight: 700; white-space: nowrap; }
tbody th { font-weight: 400; white-space: nowrap; }
tbody th.group { background: var(--card); font-weight: 700; }
td.number, th.number { text-align: right; white-space: nowrap; }
td.wide { min-width: 32ch; }
.bad { color: var(--alarm); font-weight: 700; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 14px; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 12px;
  white-space: pre-wrap; overflow-wrap: anywhere; }
details { margin: 8px 0; }
summary { cursor: pointer; padding: 4px 0; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
footer { padding: 40px 20px; color: var(--muted); font-size: 14px; }
@media (max-width: 640px) { nav ul { columns: 1; } h1 { font-size: 25px; } }
@media print {
  :root { --ink: #000000; --muted: #444444; --line: #bbbbbb; --ground: #ffffff; --card: #f3f3f3;
    --alarm: #b3261e; --link: #000000; }
  main, header, footer { max-width: none; padding: 0; }
  nav { display: none; }
  .scroll { overflow: visible; border: 0; }
  .chart svg { min-width: 0 !important; }
  figure, tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  table { font-size: 9pt; }
  thead th, tbody th { white-space: normal; }
}
`;
