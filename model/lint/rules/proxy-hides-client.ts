/** A client that died behind a proxy, and a server that asks nobody but the proxy. */
import { called } from '../link.ts';
import { unnoticed } from '../trials.ts';
import type { StackRule } from '../types.ts';

const NAME = 'proxy-hides-client';
const BEHIND = { kind: 'tunnel-dead', proxyBufferBytes: 65_536 } as const;

export const proxyHidesClient: StackRule = {
  name: NAME,
  severity: 'warning',
  summary: 'Behind a proxy the server looks at the proxy only, and never notices a dead client.',
  source:
    'A tunnel that stayed ESTABLISHED with nobody behind it, in front of a single-seat server',
  check: ({ boxes, served, isServerStated }) => {
    const proxies = boxes.filter(({ hop }) => hop.role === 'proxy');
    const [first] = proxies;
    const [quietest] = served.loads;
    if (first === undefined || quietest === undefined || !isServerStated) return [];
    const isEnded =
      quietest.kind === 'idle' && proxies.some(({ hop }) => (hop.idleMs ?? null) !== null);
    if (isEnded) return [];
    const trials = unnoticed(served, NAME, BEHIND, quietest, () => ({
      path: called(first),
      message: `${called(first)} answers the server's kernel itself, and nothing the policy does asks the client: one that died behind it is never noticed.`,
      remedy:
        'Ping the client itself and wait for its answer, or let the proxy have an idle timeout.',
    }));
    return [{ trials }];
  },
};
