/** A sheet of the comparison as a table: names stay in sight while it scrolls, and a reader without eyes can walk it. */
import type { Cell, Sheet } from '../specs/grid.ts';
import { EMPTY, html, type Html } from './html.ts';

/** Scenarios across; of a single policy, scenarios down and in full words. */
export function heatTable(sheet: Sheet): Html {
  return sheet.policies.length === 1 ? oneColumn(sheet) : manyColumns(sheet);
}

function at({ cells }: Sheet, policy: string, scenario: string): Cell | undefined {
  return cells.find((cell) => cell.policy === policy && cell.scenario === scenario);
}

function oneColumn(sheet: Sheet): Html {
  const [policy = ''] = sheet.policies;
  const rows = sheet.scenarios.map((scenario) => {
    const cell = at(sheet, policy, scenario);
    return html`<tr>
      <th scope="row">${scenario}</th>
      <td class="${cell?.heat ?? 'none'}">${cell?.says ?? '–'}</td>
    </tr>`;
  });
  return html`<table class="heat one">
    <thead>
      <tr>
        <th scope="col">${sheet.kind === 'fault' ? 'fault' : 'living peer'}</th>
        <th scope="col">${policy}</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

function manyColumns(sheet: Sheet): Html {
  const rows = sheet.policies.map(
    (policy) =>
      html`<tr>
        <th scope="row">${policy}</th>
        ${sheet.scenarios.map((scenario) => cellOf(at(sheet, policy, scenario)))}
      </tr>`,
  );
  return html`<div class="scroll sheet" role="region" aria-label="${sheet.title}" tabindex="0">
    <table class="heat">
      <thead>
        <tr>
          <td></td>
          ${sheet.scenarios.map((scenario) => html`<th scope="col"><span>${scenario}</span></th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

function cellOf(cell: Cell | undefined): Html {
  if (cell === undefined) return html`<td></td>`;
  const title = cell.says === cell.words ? EMPTY : html` title="${cell.says}"`;
  return html`<td class="${cell.heat}" ${title}>${cell.words}</td>`;
}
