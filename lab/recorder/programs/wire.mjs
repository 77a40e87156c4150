// The wire between two hosts: what comes out of one device goes into the other after its delay, or does not, or twice, or is answered with an ICMP error.
import {
  drawsFrom,
  PACKET_BYTES,
  tcpHeader,
  VNET_HEADER_BYTES,
} from '../../stories/programs/tun.mjs';
import { read, write } from './calls.mjs';
import { icmpError } from './icmp.mjs';
import { Timeline } from './timeline.mjs';

/** What a wire in user space takes beyond its delay: no arrival falls on the very instant of a tick, whose order nobody knows. */
const OVERHEAD_NS = 50_000;

const other = { server: 'client', client: 'server' };

export class Wire {
  /** What each kernel has put on it. */
  packets = [];
  #hosts;
  #af;
  #offload;
  #told;
  #lines;
  #underWay = new Timeline();
  #buffer = Buffer.alloc(PACKET_BYTES);
  #draw;

  /** @param told is told of an ICMP error that arrives: whose, which, and the sequence number that it quotes */
  constructor(hosts, config, told) {
    const { rtt_ms: rtt, owd_ms: [toClient, toServer] = [rtt / 2, rtt / 2] } = config;
    const { start_dropped: dropped = false, af = 4, offload = false, seed = 1 } = config;
    this.#hosts = hosts;
    this.#af = af;
    this.#offload = offload;
    this.#told = told;
    this.#draw = drawsFrom(seed);
    const line = (side, delayMs) => ({
      delayNs: delayMs * 1e6,
      cut: dropped === true || dropped === side,
      lossShare: 0,
      lose: 0,
      duplicate: 0,
      icmp: null,
    });
    this.#lines = { server: line('server', toClient), client: line('client', toServer) };
  }

  /** Does what a plan says is done to the wire; to both directions unless one is named. */
  act(what, args) {
    const named = ['server', 'client'].filter((side) => args.includes(side));
    const sides = named.length === 0 ? ['server', 'client'] : named;
    const [first] = args;
    for (const side of sides) {
      const line = this.#lines[side];
      if (what === 'drop') line.cut = true;
      else if (what === 'pass')
        Object.assign(line, { cut: false, lossShare: 0, lose: 0, icmp: null });
      else if (what === 'delay') line.delayNs = first * 1e6;
      else if (what === 'loss') line.lossShare = first;
      else line[what] = first;
    }
  }

  /** When the next packet arrives; Infinity when none is under way. */
  get nextNs() {
    return this.#underWay.nextNs;
  }

  /** Hands over what has arrived by now. */
  deliver(nowNs) {
    this.#underWay.run(nowNs);
  }

  /** Takes what a host has sent. */
  collect(side, atNs) {
    const { device } = this.#hosts[side];
    for (;;) {
      const { result } = read(device, this.#buffer, PACKET_BYTES);
      if (result === undefined) return;
      this.#take(side, atNs, Buffer.from(this.#buffer.subarray(0, result)));
    }
  }

  #take(side, atNs, frame) {
    const packet = this.#offload ? frame.subarray(VNET_HEADER_BYTES) : frame;
    const header = tcpHeader(packet);
    if (header === null) return;
    const line = this.#lines[side];
    const lost =
      line.cut ||
      line.icmp !== null ||
      line.lose > 0 ||
      (line.lossShare > 0 && this.#draw() < line.lossShare);
    if (!line.cut && line.icmp === null && line.lose > 0) line.lose -= 1;
    this.packets.push({ atNs, src: side, dropped: lost, ...header });
    if (line.icmp !== null) this.#answer(side, atNs, packet, header.seq);
    if (lost) return;
    const { device } = this.#hosts[other[side]];
    const copies = line.duplicate > 0 ? 2 : 1;
    line.duplicate = Math.max(0, line.duplicate - 1);
    const dueNs = atNs + line.delayNs + OVERHEAD_NS;
    for (let copy = 0; copy < copies; copy += 1)
      this.#underWay.at(dueNs, () => write(device, frame, frame.length));
  }

  #answer(side, atNs, packet, seq) {
    const kind = this.#lines[side].icmp;
    const error = icmpError(packet, kind, this.#af);
    const frame = this.#offload ? Buffer.concat([Buffer.alloc(VNET_HEADER_BYTES), error]) : error;
    const there = this.#lines[side].delayNs;
    const back = this.#lines[other[side]].delayNs;
    this.#underWay.at(atNs + there + back + 2 * OVERHEAD_NS, () => {
      this.#told(side, kind, seq);
      write(this.#hosts[side].device, frame, frame.length);
    });
  }
}
