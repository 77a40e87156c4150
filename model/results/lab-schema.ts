/** What `lab --json` prints: a story on the real kernel, beside the same simulated and proved. */
import { count, ms, msOr, version, words } from '../schema/outputs.ts';
import { boolean, list, nullable, object, text, type Canonical } from '../schema/words.ts';

const life = object('One real connection to which it happened.', {
  client: words('Its name.'),
  decidedMs: msOr('From what happened to the decision', 'nobody decided within the watch'),
  closedMs: msOr('From what happened until the application knew', 'it was not closed'),
  by: nullable(words('A mechanism, `kernel`, or `other`.'), 'nothing ended it'),
  withinMs: ms('How long it took to be made to happen: its instant is known so well'),
});

export const labSchema = object('What `lab --json` prints.', {
  schemaVersion: version,
  policy: words('Name of the policy.'),
  scenario: words('Name of the scenario.'),
  kernel: words('Release of this kernel.'),
  isFault: boolean('Whether the peers are gone; else they live, and are to be left alone.'),
  measured: object('On the real kernel.', {
    lives: list('One per connection.', life),
    bystander: nullable(words('What ended the one to whom nothing happened.'), 'it was left alone'),
  }),
  simulated: object('The same on the simulated one, over a grid of phases.', {
    lives: count('How many.'),
    earliestMs: msOr('The shortest ghost', 'none was found'),
    latestMs: msOr('The longest', 'none was found'),
    undetected: count('Ghosts that nobody found.'),
    endedAlive: count('Living peers that were ended.'),
  }),
  proved: object('What is stated.', {
    boundMs: msOr('B: a ghost is found within', 'it is not proved, or there is no such time'),
    toleranceMs: msOr(
      'T: a silence is survived up to',
      'it is not proved, or every one is survived',
    ),
    because: text('Of what the numbers are made, or why there are none.', 10_000, 0),
  }),
  off: list('Mechanisms of the policy that did not run here.', text('Which, and why.', 1_000)),
});
/** A story on the real kernel, beside the same simulated and proved. */
export interface Lab extends Canonical<typeof labSchema> {}
