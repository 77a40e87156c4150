/** The shape of what `policies options --json` prints: a built-in policy as a system with settings and conditions. */
import type { PolicyOption, PolicyOptions, PolicyRuntime } from '../results/lists.ts';
import { listOf, version } from './results.ts';
import { nullable, number, object, required, text } from './shape.ts';

export const policyOptionsShape = object<PolicyOptions>('What `policies options --json` prints.', {
  schemaVersion: version,
  name: required(text("The built-in policy's name.")),
  aliases: required(listOf('Other words that mean it.', text('An alias.'))),
  tags: required(listOf('What it is about, without the @.', text('A tag.'))),
  assumes: required(
    listOf('Under which conditions the system does this.', text('A condition.', 1_000)),
  ),
  runtime: required(
    object<PolicyRuntime>('What opens the sockets, and the socket options that it sets by itself.', {
      name: required(text('What it is.')),
      sets: required(text('What it sets, in words.', 1_000)),
      source: required(text('Where that is from.', 1_000)),
    }),
  ),
  notModelled: required(
    listOf('What the system does and the policy does not say.', text('It.', 1_000)),
  ),
  options: required(
    listOf(
      'Its settings, in the order of its name.',
      object<PolicyOption>('One setting.', {
        name: required(text('Its name in the system the policy is from.')),
        default: required(text('Its value where nobody sets it.')),
        description: required(text('What it is.')),
        expected: required(text('What a value looks like.')),
        unit: required(text('What its values are measured in; of a time, the unit of a bare number.')),
        plausible: required(
          nullable(
            object<NonNullable<PolicyOption['plausible']>>(
              'What somebody would choose, in ms, bytes or pieces.',
              {
                least: required(number('The smallest.', 0, Infinity)),
                most: required(number('The largest.', 0, Infinity)),
              },
            ),
            'no such range',
          ),
        ),
      }),
    ),
  ),
});
