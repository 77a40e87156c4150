import { expect, it } from 'vitest';
import { Pair, recordOf } from './pair.ts';

// RFC 9293 §3.10.7.4: <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>.
it('a bare ACK stands behind what is on its way', () => {
  const pair = new Pair().connect();
  pair.path.toClient.cut = true;
  const { sndNxt } = recordOf(pair.server);
  pair.send(100);
  const fromUs = pair.scheduler.nowUs;
  pair.inject({ length: 10 });
  // Delayed by TCP_DELACK_MIN = 40 ms at most; nothing is sent again before TCP_RTO_MIN = 200 ms.
  pair.runFor(60_000);
  const ack = pair.fromServer(fromUs).find(({ length }) => length === 0);
  expect(ack).toMatchObject({ seq: sndNxt + 100, flags: '.' });
});
