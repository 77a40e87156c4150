/**
 * The command line on words that nobody types: it ends with one of its exit codes or with issues that help, and never with a
 * fault of its own.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExitCode } from '../../cli/terminal/exit.ts';
import { runProgram } from '../../cli/program.ts';
import { formatIssue, InputError } from '../../index.ts';
import { captured } from '../cli/support.ts';
import { cases } from '../support/property.ts';
import { mutatedText } from './inputs.ts';

/** Lines that are right, of verbs that play few lives or none and write no file unless they are told to. */
const beginnings = [
  ['compare', '--policy', 'alive-flag-sweep', '--scenario', 'vanish-idle', '--runs', '1'],
  ['run', '--policy', 'alive-flag-sweep', '--scenario', 'vanish-idle'],
  ['lint', 'alive-flag-sweep'],
  ['policies'],
  ['policies', 'show'],
  ['policies', 'options'],
  ['scenarios'],
  ['scenarios', 'show'],
] as const;

/** Flags and a value that each takes; null = none. */
const flags: Readonly<Record<string, string | null>> = {
  '--policy': 'socket.io(pingInterval=10s)',
  '--scenario': 'live-outage-9s',
  '--seed': '0x2a',
  '--jobs': '2',
  '--index': '17',
  '--max-ghost': '45s',
  '--max-overhead': '200/h',
  '--max-drain': '15s',
  '--accept-for': '1h',
  '--severity': 'warning',
  '--off': 'closing-without-limit',
  '--shard': '1/2',
  '--trace': 'ndjson',
  '--at': '10s',
  '--strict': null,
  '--json': null,
  '--quiet': null,
  '--no-false-reaps': null,
  '--help': null,
};

const noise = mutatedText(fc.constantFrom('socket.io', '45s', '--json', '/no/such/file.json', '-'));

/** A flag with its value, mutated as often as not, or a word that belongs nowhere. */
const words = fc.oneof<fc.WeightedArbitrary<readonly string[]>[]>(
  { weight: 1, arbitrary: noise.map((word) => [word]) },
  {
    weight: 5,
    arbitrary: fc
      .constantFrom(...Object.entries(flags))
      .chain(([flag, value]): fc.Arbitrary<readonly string[]> => {
        if (value === null) return fc.constant([flag]);
        const right = fc.constant(value);
        return fc.oneof(right, mutatedText(right)).map((text) => [flag, text]);
      }),
  },
);

const line = fc
  .tuple(
    // The first takes the most flags.
    fc.oneof(fc.constant(beginnings[0]), fc.constantFrom(...beginnings)),
    fc.array(words, { maxLength: 2 }),
  )
  // A process's arguments hold no NUL: the kernel ends them by one.
  .map(([beginning, rest]) =>
    [...beginning, ...rest.flat()].map((one) => one.replaceAll('\0', '')),
  );

describe('the command line', () => {
  it('ends with an exit code, or with issues that help', async () => {
    const codes = new Set<number>(Object.values(ExitCode));
    await fc.assert(
      fc.asyncProperty(line, async (args) => {
        const { terminal } = captured();
        let told: unknown;
        try {
          told = await runProgram(args, terminal);
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
          told = error.issues.every((issue) => formatIssue(issue).trim() !== '') ? 2 : 'no words';
        }
        expect(codes).toContain(told);
      }),
      cases(400),
    );
  });
});
