/** Playing a packetdrill script on the simulated kernel: the script is the other end and the program, line by line. */
import { isKnownSysctl, resolveSysctls } from '../../model/linux/sysctls.ts';
import { createScheduler } from '../../sim/clock/scheduler.ts';
import { createKernelHost } from '../../sim/kernel/endpoint.ts';
import type { KernelHost, TcpInfo } from '../../sim/kernel/types.ts';
import type { IcmpKind } from '../../sim/network/icmp.ts';
import { blankSegment, copySegment, type Segment } from '../../sim/network/segment.ts';
import type { Instant, Script, ScriptEvent, ScriptSegment, Step } from './script.ts';
import { Program, type Returned } from './socket.ts';

/** packetdrill's own --tolerance_usecs. */
const TOLERANCE_US = 4000;

/** How far a script was followed. */
export interface Played {
  /** Packets that the script expects, and how many of them came. */
  readonly expected: number;
  readonly matched: number;
  /** What was wrong at which line; null = the whole script was followed. */
  readonly complaint: string | null;
}

const icmpKinds: Readonly<Record<string, IcmpKind>> = {
  net_unreachable: 'net-unreachable',
  host_unreachable: 'host-unreachable',
  port_unreachable: 'port-unreachable',
};

const infoFields: Readonly<Record<string, keyof TcpInfo>> = {
  tcpi_state: 'state',
  tcpi_retransmits: 'retransmits',
  tcpi_probes: 'probes',
  tcpi_backoff: 'backoff',
  tcpi_rto: 'rtoUs',
  tcpi_unacked: 'unacked',
  tcpi_last_data_recv: 'lastDataRecvMs',
  tcpi_last_ack_recv: 'lastAckRecvMs',
  tcpi_rtt: 'rttUs',
  tcpi_rttvar: 'rttvarUs',
  tcpi_bytes_acked: 'bytesAcked',
  tcpi_notsent_bytes: 'notsentBytes',
  tcpi_ca_state: 'caState',
  tcpi_sacked: 'sacked',
  tcpi_lost: 'lost',
  tcpi_retrans: 'retrans',
  tcpi_snd_cwnd: 'cwnd',
  tcpi_snd_ssthresh: 'ssthresh',
  tcpi_snd_mss: 'sndMss',
  tcpi_rcv_mss: 'rcvMss',
  tcpi_advmss: 'advMss',
  tcpi_bytes_received: 'bytesReceived',
  tcpi_busy_time: 'busyUs',
  tcpi_rwnd_limited: 'windowLimitedUs',
  tcpi_sndbuf_limited: 'sendBufferLimitedUs',
  tcpi_reordering: 'reordering',
  tcpi_reord_seen: 'reorderingSeen',
  SK_MEMINFO_RCVBUF: 'receiveBufferBytes',
};

/** Headers without options: 20 of IPv4, 20 of TCP. */
const HEADERS_BYTES = 40;

type Call = Extract<Step, { kind: 'call' }>;

/** A segment that left, and when. */
interface Left {
  readonly atUs: number;
  readonly segment: Segment;
}

function flagsOf(segment: Segment): string {
  const letters = [
    segment.syn ? 'S' : '',
    segment.fin ? 'F' : '',
    segment.rst ? 'R' : '',
    segment.psh ? 'P' : '',
    segment.ack ? '.' : '',
  ];
  return letters.join('');
}

/** PSH times nothing, and is not compared. */
const inOrder = (flags: string): string => [...flags.replace('P', '')].toSorted().join('');

/** The SYN of the script's own side that comes next. */
function nextSyn(events: readonly ScriptEvent[]): ScriptSegment | null {
  const steps = events.map(({ step }) => step);
  const syn = steps.find((step) => step.kind === 'arrives' && step.segment.flags.includes('S'));
  return syn?.kind === 'arrives' ? syn.segment : null;
}

/** A descriptor has been made: the events up to the next one concern its connection. */
function isSocketCall({ step }: ScriptEvent): boolean {
  return step.kind === 'call' && step.name === 'socket';
}

class Player {
  matched = 0;
  private readonly script: Script;
  private readonly toleranceUs: number;
  private readonly scheduler = createScheduler();
  // Of the connection in hand: a script may have several, one after another.
  private program = new Program();
  private host!: KernelHost;
  private isServer = true;
  private left: Left[] = [];
  private peerScale = 0;
  private isFresh = true;
  private lastUs = 0;
  /** Milliseconds from the script's timestamps to the kernel's; null until one is seen. */
  private clockOffsetMs: number | null = null;
  /** A system call that has not returned. */
  private blocked: { readonly step: Call; readonly untilUs: number } | null = null;

  constructor(script: Script) {
    this.script = script;
    this.toleranceUs = script.toleranceUs ?? TOLERANCE_US;
    this.open(script.events);
  }

  /** A machine for the connection that these events begin with: what the other end does not offer is not used. */
  private open(events: readonly ScriptEvent[]): void {
    const next = events.findIndex((event, index) => index > 0 && isSocketCall(event));
    const own = next < 0 ? events : events.slice(0, next);
    const syn = nextSyn(own);
    this.isServer = !own.some(({ step }) => step.kind === 'call' && step.name === 'connect');
    this.peerScale = syn?.windowScale ?? 0;
    const known = Object.fromEntries(
      Object.entries(this.script.sysctls).filter(([name]) => isKnownSysctl(name)),
    );
    const sysctls = {
      ...known,
      ...(syn !== null && syn.timestamp === null && { 'net.ipv4.tcp_timestamps': 0 }),
      ...(syn !== null && !syn.sackOk && { 'net.ipv4.tcp_sack': 0 }),
    };
    const { congestion } = this.script;
    const left: Left[] = [];
    this.left = left;
    this.program = new Program();
    this.host = createKernelHost(
      this.scheduler,
      this.isServer,
      this.program,
      (segment) => {
        const copy = blankSegment();
        copySegment(segment, copy);
        left.push({ atUs: this.scheduler.nowUs, segment: copy });
      },
      {
        hz: 1000,
        profile: '6.18',
        jiffiesAtZero: 2 ** 32,
        sysctls: resolveSysctls(sysctls, '6.18').ok ? sysctls : {},
        offload: 'none',
        windowScaling: syn === null || syn.windowScale !== null,
        ...(syn?.mss !== undefined && syn.mss !== null && { mtuBytes: syn.mss + HEADERS_BYTES }),
        congestionControl: congestion === 'reno' || congestion === 'bbr' ? congestion : 'cubic',
      },
    );
    this.program.host = this.host;
    this.isFresh = true;
    this.clockOffsetMs = null;
  }

  /** The first thing that is not as the script says; null = everything is. */
  play(): string | null {
    for (const [index, event] of this.script.events.entries()) {
      if (isSocketCall(event)) {
        if (!this.isFresh) this.open(this.script.events.slice(index));
        this.isFresh = false;
      }
      const complaint = this.event(event);
      if (complaint !== null) return `line ${event.line}: ${complaint}`;
    }
    return this.unblock(Infinity);
  }

  private startOf({ isRelative, fromUs }: Instant): number {
    return isRelative ? this.lastUs + fromUs : fromUs;
  }

  private event({ at, step }: ScriptEvent): string | null {
    const fromUs = this.startOf(at);
    // What arrives at the very instant is what a call was waiting for.
    const returned = this.unblock(step.kind === 'call' ? fromUs : fromUs - 1);
    if (returned !== null) return returned;
    if (step.kind === 'leaves') return this.leaves(step.segment, at, fromUs);
    this.lastUs = Math.max(fromUs, this.scheduler.nowUs);
    this.scheduler.run(this.lastUs);
    return this.does(step, at);
  }

  private does(step: Exclude<Step, { kind: 'leaves' }>, at: Instant): string | null {
    if (step.kind === 'arrives') return this.arrives(step.segment);
    if (step.kind === 'call') return this.calls(step, at);
    if (step.kind === 'queue') {
      this.host.setLocalDrop(step.drops ? 'qdisc' : null);
      return null;
    }
    if (step.kind === 'icmp') {
      const kind = icmpKinds[step.code];
      if (kind === undefined) return `ICMP ${step.code} is not known`;
      this.host.receiveIcmp(kind, step.seq ?? 0);
      return null;
    }
    const field = infoFields[step.field];
    if (field === undefined) return `${step.field} is not known`;
    const value = this.program.info()[field];
    if (value >= step.min && value <= step.max) return null;
    return `${step.field} is ${value}, not ${[...new Set([step.min, step.max])].join(' to ')}`;
  }

  private arrives(from: ScriptSegment): null {
    const segment = blankSegment();
    const isSyn = from.flags.includes('S');
    segment.fromServer = !this.isServer;
    segment.syn = isSyn;
    segment.ack = from.flags.includes('.');
    segment.fin = from.flags.includes('F');
    segment.rst = from.flags.includes('R');
    segment.psh = from.flags.includes('P');
    segment.seq = from.seq;
    segment.ackSeq = from.ack ?? 0;
    segment.length = from.length;
    segment.windowBytes = (from.window ?? 0) * (isSyn ? 1 : 2 ** this.peerScale);
    const [value, echo] = from.timestamp ?? [-1, 0];
    segment.timestampMs = value;
    segment.echoMs = segment.ack && echo > 0 ? echo + (this.clockOffsetMs ?? 0) : -1;
    from.sack.slice(0, segment.sack.length).forEach((edge, index) => {
      segment.sack[index] = edge;
    });
    segment.sackBlocks = Math.floor(Math.min(from.sack.length, segment.sack.length) / 2);
    this.host.receive(segment);
    return null;
  }

  private calls(step: Call, at: Instant): string | null {
    if (at.untilUs === null) return this.returns(step, this.program.call(step.name, step.args));
    // It begins now and returns later; meanwhile the script goes on.
    this.program.begin(step.name, step.args);
    this.blocked = { step, untilUs: this.lastUs - at.fromUs + at.untilUs };
    return null;
  }

  /** A blocking call that has to have returned by `us`. */
  private unblock(us: number): string | null {
    const { blocked } = this;
    if (blocked === null || blocked.untilUs > us) return null;
    this.blocked = null;
    this.scheduler.run(Math.max(this.scheduler.nowUs, blocked.untilUs));
    const ended = this.program.ended();
    const { name } = blocked.step;
    if (ended === null) return `${name} has not returned at ${blocked.untilUs / 1e6} s`;
    if (ended.atUs < blocked.untilUs - this.toleranceUs) {
      return `${name} returns at ${ended.atUs / 1e6} s, not at ${blocked.untilUs / 1e6} s`;
    }
    return this.returns(blocked.step, ended.returned);
  }

  private returns(step: Call, returned: Returned | null): string | null {
    const { name, args, result, errno } = step;
    if (returned === null) return `${name}(${args.join(', ')}) is not known`;
    if (returned.instead !== undefined) {
      return `${name}(${args.join(', ')}) finds ${returned.instead}`;
    }
    // Descriptors and flags are the script's own numbers.
    if (result === null || ['socket', 'accept', 'fcntl'].includes(name)) {
      return returned.result < 0 && (result ?? 0) >= 0 ? `${name} fails: ${returned.errno}` : null;
    }
    if (returned.result === result && (errno === null || returned.errno === errno)) return null;
    const shownResult = `${returned.result}${returned.errno === null ? '' : ` ${returned.errno}`}`;
    return `${name} returns ${shownResult}, not ${result}${errno === null ? '' : ` ${errno}`}`;
  }

  /** The next packet that leaves, waited for until `limitUs`; of several with one instant, so much as is asked for. */
  private next(bytes: number, limitUs: number): Left | null {
    while (this.left.length === 0 && this.scheduler.nowUs < limitUs) {
      const dueUs = this.scheduler.nextDueUs(-1);
      this.scheduler.run(Math.min(limitUs, Math.max(dueUs, this.scheduler.nowUs + 1)));
    }
    const first = this.left.shift();
    if (first === undefined) return null;
    const whole = blankSegment();
    copySegment(first.segment, whole);
    // A script may speak of what one write sends as of one packet (segmentation offload).
    while (whole.length > 0 && whole.length < bytes) {
      const more = this.left[0];
      const end = whole.seq + whole.length;
      if (more === undefined || more.atUs !== first.atUs || more.segment.seq !== end) break;
      whole.length += more.segment.length;
      whole.psh ||= more.segment.psh;
      whole.fin ||= more.segment.fin;
      this.left.shift();
    }
    return { atUs: first.atUs, segment: whole };
  }

  private leaves(expected: ScriptSegment, at: Instant, fromUs: number): string | null {
    const toUs = at.isAnyTime ? Infinity : this.startOf({ ...at, fromUs: at.toUs });
    const limitUs = at.isAnyTime ? this.scheduler.nowUs + 300_000_000 : toUs + this.toleranceUs;
    const found = this.next(expected.length, limitUs);
    if (found === null) return `no packet leaves; expected ${shown(expected)}`;
    const { atUs, segment } = found;
    const isInTime =
      at.isAnyTime || (atUs >= fromUs - this.toleranceUs && atUs <= toUs + this.toleranceUs);
    if (!isInTime) {
      return `${shownSegment(segment)} leaves at ${atUs / 1e6} s, not at ${fromUs / 1e6} s`;
    }
    const difference = this.difference(expected, segment);
    if (difference !== null) {
      return `${shownSegment(segment)} leaves; expected ${shown(expected)} (${difference})`;
    }
    this.matched += 1;
    this.lastUs = at.isAnyTime || at.toUs !== at.fromUs ? atUs : fromUs;
    return null;
  }

  private difference(expected: ScriptSegment, segment: Segment): string | null {
    if (inOrder(expected.flags) !== inOrder(flagsOf(segment))) return 'flags';
    if (expected.seq !== segment.seq) return 'sequence number';
    if (expected.length !== segment.length) return 'length';
    if (expected.ack !== null && expected.ack !== segment.ackSeq) return 'acknowledgement';
    const { timestamp, sack, anyOptions } = expected;
    if (timestamp !== null) {
      const [value, echo] = timestamp;
      this.clockOffsetMs ??= segment.timestampMs - value;
      const offMs = Math.abs(segment.timestampMs - value - this.clockOffsetMs);
      if (offMs > this.toleranceUs / 1000) return 'timestamp';
      if (echo !== Math.max(0, segment.echoMs)) return 'timestamp echo';
    }
    if (anyOptions || sack.length === 0) return null;
    const blocks = segment.sack.slice(0, segment.sackBlocks * 2);
    return blocks.join() === sack.join() ? null : 'selective acknowledgement';
  }
}

function shown({ flags, seq, length, ack }: ScriptSegment): string {
  return `${flags} ${seq}:${seq + length}(${length})${ack === null ? '' : ` ack ${ack}`}`;
}

function shownSegment(segment: Segment): string {
  const { seq, length, ackSeq } = segment;
  return shown({
    flags: flagsOf(segment),
    seq,
    length,
    ack: segment.ack ? ackSeq : null,
  } as ScriptSegment);
}

/** Plays a script to its end, or to the first line that the kernel does not follow. */
export function playScript(script: Script): Played {
  const player = new Player(script);
  const expected = script.events.filter(({ step }) => step.kind === 'leaves').length;
  const complaint = player.play();
  return { expected, matched: player.matched, complaint };
}
