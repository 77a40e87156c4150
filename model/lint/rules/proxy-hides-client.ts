/** A client that died behind a proxy, and a server that asks nobody but the proxy. */
import type { Mechanism } from '../../policy/types.ts';
import { answersPings, signalOf, speaksHttp2 } from '../../stack/index.ts';
import { lost } from '../ask.ts';
import { called, pingsClient } from '../link.ts';
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
  check: ({ stack, boxes, served, isServerStated }) => {
    const proxies = boxes.filter(({ hop }) => hop.role === 'proxy');
    const [first] = proxies;
    const [quietest] = served.loads;
    if (first === undefined || quietest === undefined || !isServerStated) return [];
    const isEnded =
      quietest.kind === 'idle' && proxies.some(({ hop }) => (hop.idleMs ?? null) !== null);
    if (isEnded || proxies.some(pingsClient)) return [];
    const { mechanisms } = served.policy;
    const isFooled = (one: Mechanism): boolean =>
      signalOf(one, speaksHttp2(stack)) === 'http2' && answersPings(stack, first);
    const asked = mechanisms.map((one) => (isFooled(one) ? lost(one) : one));
    const isPinged = mechanisms.some(isFooled);
    const judging = isPinged
      ? { ...served, policy: { ...served.policy, mechanisms: asked } }
      : served;
    const trials = unnoticed(judging, NAME, BEHIND, quietest, () => ({
      path: called(first),
      message: `${called(first)} answers the server's kernel itself${isPinged ? ' and its HTTP/2 pings' : ''}, and nothing the policy does asks the client: one that died behind it is never noticed.`,
      remedy: isPinged
        ? 'Let the proxy ping the client (connection_keepalive of a listener of Envoy), or ask the client by a message of the application.'
        : 'Ping the client itself and wait for its answer, or let the proxy have an idle timeout.',
    }));
    return [{ trials }];
  },
};
