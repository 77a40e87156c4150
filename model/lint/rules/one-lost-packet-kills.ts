/** A single lost packet that no retransmission and no second probe makes good in time. */
import { kindOf } from '../../mechanisms/index.ts';
import type { Mechanism } from '../../policy/types.ts';
import { rhythmOf } from '../../rhythm/index.ts';
import type { Scenario } from '../../scenario/types.ts';
import { indexOfEnding, survives } from '../ask.ts';
import { living } from '../story.ts';
import type { PolicySubject } from '../subject.ts';
import { mechanismPath } from '../subject-of.ts';
import { endsTheHealthy, isVerdict, endedAlive, quietOf } from '../trials.ts';
import type { PolicyRule } from '../types.ts';
import { byWhom, measured, whileLoad } from '../words.ts';

const NAME = 'one-lost-packet-kills';

/** One packet in 500: two in a row are one in 250 000. */
const LOSS_PERCENT = 0.2;
/** So many questions are asked that some packet of one of them is lost, and no two in a row. */
const QUESTIONS = 1_000;

/** How often something is asked on a quiet connection, ms. */
function questionsEveryMs({ policy }: PolicySubject, scenario: Scenario): number {
  const everyMs = (one: Mechanism): number => {
    const asked = one.lost === 'timer' ? null : kindOf(one).asks(one);
    return asked?.everyMs ?? Number.POSITIVE_INFINITY;
  };
  const oftenest = Math.min(...policy.mechanisms.map(everyMs));
  return Number.isFinite(oftenest) ? oftenest : rhythmOf(policy, scenario).longestMs;
}

export const oneLostPacketKills: PolicyRule = {
  name: NAME,
  severity: 'warning',
  summary: 'A single lost packet is taken for death: no retransmission comes back in time.',
  source: 'RFC 6298 §2.4, §5.5; net/ipv4/tcp_timer.c, tcp_keepalive_timer; grpc/grpc-go#6250',
  yieldsTo: endsTheHealthy,
  check: (subject) => {
    const trials = subject.loads
      .filter(({ kind }) => kind !== 'saturated')
      .flatMap((load) => {
        const outage = living(subject, NAME, { kind: 'outage', lengthMs: 1 }, load);
        // A T above nothing survives a moment's outage, and with it the loss of any one packet.
        if (survives(subject.policy, outage, 1)) return [];
        const everyMs = load.kind === 'periodic' ? load.everyMs : questionsEveryMs(subject, outage);
        const around = { watchMs: QUESTIONS * everyMs, lossPercent: LOSS_PERCENT };
        const life = { silence: { kind: 'none' }, load, around, lengthMs: 0, lives: 2 } as const;
        return endedAlive(subject, NAME, life, (seen) =>
          !isVerdict(seen)
            ? null
            : {
                path: mechanismPath(subject, indexOfEnding(subject, seen.by)),
                message: `A single packet lost ${whileLoad(load)} ends a living ${subject.peer} (${byWhom(seen.by)}, ${measured(quietOf(seen))} after its last byte, on a path that loses one in 500): neither a retransmission nor a second probe comes back in time.`,
                remedy:
                  'Wait for at least two retransmissions (about a second), or for two probes after the first.',
              },
        );
      });
    return [{ trials }];
  },
};
