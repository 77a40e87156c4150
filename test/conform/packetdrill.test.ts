/** Scripts in packetdrill's format: what they say the kernel does comes from RFCs and the kernel's source, named in each. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { conformScript, parseScript } from '../../lab/packetdrill/index.ts';

const folder = join(import.meta.dirname, '..', 'packetdrill');
const scripts = readdirSync(folder).filter((name) => name.endsWith('.pkt'));

function textOf(file: string): string {
  return readFileSync(join(folder, file), 'utf8');
}

function played(text: string) {
  const script = parseScript(text, 'some.pkt');
  if (!script.ok) throw new Error(JSON.stringify(script.issues));
  return conformScript(script.value);
}

describe('scripts', () => {
  it.each(scripts)('%s', (file) => {
    const { pass, packets, remarks } = played(textOf(file));
    expect(pass, remarks.join('; ')).toBe(true);
    expect(packets.matched).toBe(packets.kernel);
  });

  // Each line that a kernel has to answer, changed: the script is left there, and says where.
  it.each([
    ['retransmit-backoff.pkt', '+.6~+.66 > P. 1:101', '+.5~+.55 > P. 1:101', 'line 15: no packet'],
    ['retransmit-backoff.pkt', 'tcpi_retransmits == 3', 'tcpi_retransmits == 4', 'is 3, not 4'],
    ['close-with-unread-data.pkt', '> R. 1:1(0) ack 101', '> F. 1:1(0) ack 101', 'flags'],
    ['fast-retransmit.pkt', '> . 1:1449(1448)', '> . 1449:2897(1448)', 'sequence number'],
    ['accept-read-write.pkt', '> P. 1:51(50) ack 301', '> P. 1:51(50) ack 300', 'acknowledgement'],
    ['accept-read-write.pkt', 'write(4, ..., 50) = 50', 'write(4, ..., 60) = 50', 'returns 60'],
    ['reset-by-peer.pkt', 'ECONNRESET (Conn', 'EPIPE (Conn', 'returns -1 ECONNRESET'],
    ['user-timeout.pkt', '[2000]', '[9000]', 'returns 100, not -1 ETIMEDOUT'],
    ['room-for-a-write.pkt', '+0...0.100 poll', '+0...0.050 poll', 'poll has not returned'],
    ['room-for-a-write.pkt', 'LOWAT, [6000], 4)', 'LOWAT, [60000], 4)', 'finds 60000'],
    [
      'room-for-a-write.pkt',
      'events=EPOLLIN|EPOLLOUT, fd=4}, 1',
      'events=EPOLLOUT, fd=4}, 1',
      'finds',
    ],
    ['blocking-write.pkt', '+0...0.150 write', '+0...0.250 write', 'write returns at 0.2 s'],
    ['segment-size.pkt', 'tcpi_snd_mss == 700', 'tcpi_snd_mss == 1400', 'is 700, not 1400'],
    [
      'corked.pkt',
      'TCP_CORK, [1], 4) = 0\n  +0 getsockopt',
      'TCP_CORK, [0], 4) = 0\n  +0 getsockopt',
      'finds 0',
    ],
    [
      'corked.pkt',
      'send(4, ..., 10, MSG_MORE) = 10\n+.02 sendmsg',
      'send(4, ..., 10, 0) = 10\n+.02 sendmsg',
      'leaves at 0.17 s',
    ],
    ['corked.pkt', '200, MSG_EOR', '200, 0', 'length'],
    ['overtaken.pkt', 'tcpi_reordering == 5', 'tcpi_reordering == 4', 'is 5, not 4'],
    ['overtaken.pkt', '+.02~+.026 >', '+0 >', 'no packet leaves'],
    ['duplicate-acks.pkt', '  +0 > . 10001:11001', ' +.2 > . 10001:11001', 'leaves at'],
    ['duplicate-acks.pkt', '> . 5001:6001', '> . 6001:7001', 'sequence number'],
    ['what-limits.pkt', '98000 <= tcpi_busy', '198000 <= tcpi_busy', 'tcpi_busy_time is'],
    ['beyond-sent.pkt', 'SIOCINQ, [0]', 'SIOCINQ, [100]', 'finds 0'],
    [
      'received-twice.pkt',
      'ack 1001 <nop,nop,sack 501:901>',
      'ack 1001 <nop,nop,sack 501:801>',
      'selective',
    ],
    ['beyond-window.pkt', 'SIOCINQ, [2000]', 'SIOCINQ, [42000]', 'finds 2000'],
    ['beyond-window.pkt', '+0 > . 1:1(0) ack 42002', '+0 > . 1:1(0) ack 42001', 'acknowledgement'],
    ['fin-wait2-linger2.pkt', 'TCP_LINGER2, [1]', 'TCP_LINGER2, [9]', 'flags'],
  ])('%s with %s as %s is not followed', (file, from, to, complaint) => {
    const text = textOf(file);
    expect(text).toContain(from);
    const { pass, remarks } = played(text.replace(from, to));
    expect(pass).toBe(false);
    expect(remarks.join()).toContain(complaint);
  });
});

describe('what is beyond the simulated kernel', () => {
  it.each([
    ['0 setsockopt(3, SOL_TCP, TCP_FASTOPEN, [1], 4) = 0', 'fast open'],
    ['0 recvmsg(3, {msg_flags=MSG_ERRQUEUE}, MSG_ERRQUEUE) = 0', 'error queue'],
    ['0 splice(3, NULL, 4, NULL, 10, 0) = 10', 'splice'],
    ['0 frobnicate(3) = 0', 'frobnicate'],
    ['0 %{ import os }%', 'import os'],
  ])('%s is refused by name, at its line', (line, name) => {
    const result = parseScript(`\n  ${line}\n`, 'some.pkt');
    const [issue] = result.ok ? [] : result.issues;
    expect(issue?.path).toBe('some.pkt: line 2');
    expect(issue?.received).toContain(name);
  });

  it('an empty script is none', () => {
    expect(parseScript('// nothing\n', 'some.pkt').ok).toBe(false);
  });
});
