/**
 * Kernel trace files: one TCP connection on a real Linux, with what was set, what was done, what the programs saw and what
 * each kernel put on the wire. Times are seconds; 0 is one second after the connection was established, or the start where
 * nothing could be established.
 */
import * as v from 'valibot';
import {
  anything,
  boolean,
  choice,
  integer,
  list,
  number,
  object,
  optional,
  text,
  withDefault,
  type Canonical,
} from '../schema/words.ts';
import { recordedOptions } from './options.ts';
import { either, maybe } from './words.ts';

/** Some seconds before t = 0, where the handshake lies, and at most a day after. */
const instant = (description: string) => number(`${description}, s.`, -15, 1e5);
const durationS = (description: string) => number(`${description}, s.`, 0, 1e5);
const count = (description: string) => integer(description, 0, 2 ** 53 - 1);
const sequence = (description: string) => integer(description, 0, 2 ** 32 - 1);
const side = (description: string) => choice(description, ['server', 'client']);
const words = (description: string) => text(description, 500, 0);

const info = object('TCP_INFO and SIOCOUTQ.', {
  state: maybe(count('tcpi_state.')),
  ca_state: maybe(count('tcpi_ca_state.')),
  retransmits: maybe(count('tcpi_retransmits.')),
  probes: maybe(count('tcpi_probes.')),
  backoff: maybe(count('tcpi_backoff.')),
  rto_us: maybe(count('tcpi_rto.')),
  unacked: maybe(count('tcpi_unacked.')),
  sacked: maybe(count('tcpi_sacked.')),
  lost: maybe(count('tcpi_lost.')),
  retrans: maybe(count('tcpi_retrans.')),
  last_ack_recv_ms: maybe(count('tcpi_last_ack_recv.')),
  last_data_recv_ms: maybe(count('tcpi_last_data_recv.')),
  rtt_us: maybe(count('tcpi_rtt.')),
  rttvar_us: maybe(
    count('tcpi_rttvar: a quarter of what the timeout counts with, and without its floor.'),
  ),
  cwnd: maybe(count('tcpi_snd_cwnd.')),
  ssthresh: maybe(count('tcpi_snd_ssthresh.')),
  bytes_acked: maybe(count('tcpi_bytes_acked.')),
  outq: maybe(count('SIOCOUTQ.')),
});

const receiver = object('The receiving side: TCP_INFO, SO_MEMINFO and SIOCINQ.', {
  rcv_mss: maybe(count('tcpi_rcv_mss.')),
  rcv_ssthresh: maybe(count('tcpi_rcv_ssthresh.')),
  rcv_rtt_us: maybe(count('tcpi_rcv_rtt.')),
  rcv_space: maybe(count('tcpi_rcv_space.')),
  rmem: maybe(count('SK_MEMINFO_RMEM_ALLOC.')),
  rcvbuf: maybe(count('SK_MEMINFO_RCVBUF.')),
  inq: maybe(count('SIOCINQ: bytes that wait to be read.')),
});

const logEntry = object('One line of the log.', {
  t: instant('When'),
  who: words('server, client, wire, link or host.'),
  ev: words(
    'act: something was to be done; do: the process did it; wrote, read: bytes that a pattern or a trickle moved; ' +
      'sample, established: with info; peer: with peer; error, connect_failed: with error; closed; ss: with state.',
  ),
  what: maybe(words('What was done, or which ICMP error arrived.')),
  args: optional(list('Its arguments.', anything('An argument.'))),
  error: maybe(words('Name of the errno.')),
  errno: maybe(words('The same.')),
  state: maybe(words('As ss(8) has it; none = the kernel has forgotten the socket.')),
  written: maybe(count('Bytes the process has written.')),
  info: maybe(info),
  peer: maybe(receiver),
});

const packet = object('One packet as its sender put it on the wire.', {
  t: instant('When'),
  src: side('Whose.'),
  dropped: withDefault(boolean('Whether it never arrived.'), false),
  flags: words('Letters S F R P, and . for ACK.'),
  seq: sequence('Sequence number as in the header.'),
  ack: withDefault(sequence('Acknowledgement number as in the header.'), 0),
  len: withDefault(sequence('Bytes of payload.'), 0),
  win: withDefault(sequence('Window as in the header: scaled, but in a SYN.'), 0),
});

const oneWayMs = number('One way, ms.', 0, 60_000);

/** By full name; a number, or the three of tcp_rmem and tcp_wmem. */
const sysctls = (of: string) =>
  withDefault(
    v.pipe(
      v.record(v.string(), v.unknown()),
      v.description(
        `sysctl(8) settings of the ${of} by full name: a number, three numbers, or a name.`,
      ),
    ),
    {},
  );

const config = object('Settings of both kernels and sockets, and what was to be done when.', {
  name: optional(words('Name of the experiment.')),
  server_sockopts: withDefault(recordedOptions, {}),
  client_sockopts: withDefault(recordedOptions, {}),
  server_sysctls: sysctls('server'),
  client_sysctls: sysctls('client'),
  rtt_ms: number('Round trip of the wire, ms.', 0, 60_000),
  owd_ms: optional(
    list('One-way delays where they differ: to the client, to the server.', oneWayMs, {
      minItems: 2,
      maxItems: 2,
    }),
  ),
  mtu: optional(integer('MTU of both interfaces, bytes.', 68, 65_535)),
  af: optional(choice('Address family: IPv4 or IPv6.', [4, 6])),
  offload: withDefault(boolean('Segmentation and receive offload on both interfaces.'), false),
  max_s: optional(durationS('How long was recorded')),
  sample_s: withDefault(durationS('Time between two samples'), 0.5),
  watch: withDefault(side('Whose fate is compared.'), 'server'),
  watch_ss: withDefault(boolean('The end is when the kernel forgets the socket.'), false),
  start_dropped: withDefault(
    either(boolean('The wire was cut before the first SYN.'), side('One way only: what it sends.')),
    false,
  ),
  server_close_on_eof: withDefault(boolean('The server closes when its peer has.'), true),
  client_close_on_eof: withDefault(boolean('The client closes when its peer has.'), true),
  actions: withDefault(
    list(
      'The plan: [t, who, what, …arguments].',
      list('One action.', anything('Its time, its actor, its name, its arguments.'), {
        minItems: 3,
      }),
    ),
    [],
  ),
  peer: optional(anything("Whether the receiver's state was sampled; the log has it.")),
  seed: optional(anything('Of the random losses; the packets have them.')),
  seedless: optional(anything('No random losses.')),
});

export const recordingSchema = object('A recorded TCP connection.', {
  name: optional(words('Name of the recording; that of its file unless said.')),
  kernel: withDefault(words('uname -r.'), '6.18'),
  hz: choice('Ticks per second.', [100, 250, 1000]),
  virtual_time: withDefault(
    boolean('Recorded in virtual time: no program and no timer is ever late.'),
    false,
  ),
  jiffies_at_t0: maybe(
    number('The absolute 64-bit jiffies at t = 0, with its fraction.', 0, 2 ** 52),
  ),
  config,
  log: list('What was done and seen.', logEntry),
  packets: optional(
    list('What each kernel put on the wire; missing where nobody looked at the wire.', packet),
  ),
});

/** A kernel trace file as read. */
export interface Recording extends Canonical<typeof recordingSchema> {}
