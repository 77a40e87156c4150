/** The top of the page: what the comparison means, sentence by sentence. */
import type { Alternative, Closing } from '../../text/standing.ts';
import { tied } from '../../text/width.ts';
import { EMPTY, html, type Html } from './html.ts';

export function findingsList(findings: readonly Closing[]): Html {
  return html`<ul class="findings">
    ${findings.map(findingItem)}
  </ul>`;
}

function findingItem({ sentence, alternatives }: Closing): Html {
  const table = alternatives.length === 0 ? EMPTY : alternativesTable(alternatives);
  return html`<li>${tied(sentence)}${table}</li>`;
}

/** What each other policy does better and worse, side by side; under each other on a phone. */
function alternativesTable(alternatives: readonly Alternative[]): Html {
  const phrases = (all: readonly string[], none: string): Html =>
    all.length === 0
      ? html`${none}`
      : html`<ul>
          ${all.map((phrase) => html`<li>${tied(phrase)}</li>`)}
        </ul>`;
  const rows = alternatives.map((one) => {
    const { policy, better, worse, losesNothing, sameAs } = one;
    if (sameAs !== undefined) {
      return html`<tr>
        <th scope="row">${policy}</th>
        <td colspan="2">the same as ${sameAs}</td>
      </tr>`;
    }
    return html`<tr>
      <th scope="row">${policy}</th>
      <td class="better">${phrases(better, '–')}</td>
      <td class="worse">${phrases(worse, losesNothing ? 'nothing compared here' : '–')}</td>
    </tr>`;
  });
  return html`<table class="alternatives">
    <thead>
      <tr>
        <th scope="col">policy</th>
        <th scope="col">better</th>
        <th scope="col">worse</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}
