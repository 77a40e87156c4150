/** `policies show`: one policy as a file to start from. */
import { parseSeed } from '../../sim/random.ts';
import type { ShowFlags } from '../arguments/flags.ts';
import { allOf, unwrap } from '../arguments/options.ts';
import { onePolicyOf } from '../grid/swarm.ts';
import { checkOut, emit } from '../output/emit.ts';
import { ExitCode, type ExitCodeValue } from '../terminal/exit.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { definitionText } from '../text/catalogue.ts';

/** `policies show NAME`: a built-in one, a drawn one of the seed, or a file in its canonical form. */
export function showPolicy(name: string, flags: ShowFlags, terminal: Terminal): ExitCodeValue {
  const { policy } = unwrap(
    allOf({
      policy: onePolicyOf([name], flags.seed, 'policies show'),
      seed: parseSeed(flags.seed),
    }),
  );
  checkOut(flags);
  emit(definitionText(policy), flags, terminal);
  return ExitCode.Fine;
}
