// Records experiments, one after the other: two hosts, a process on each, and the wire between them, all in this one thread, on the kernel that it
// runs on. Told by one argument, the file of a RecorderOrder (../order.ts); writes a recording for each experiment, and `failed` where it cannot.
// As the first process of a user-mode Linux it mounts what it needs, and powers off in the end.
import { readFileSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { addresses, familyOf, socketAddress } from './addresses.mjs';
import {
  accept,
  bind,
  close,
  connect,
  inRealTime,
  listen,
  mknod,
  mount,
  nowNs,
  poll,
  POLLIN,
  reboot,
  socket,
} from './calls.mjs';
import { End, setOptions } from './end.mjs';
import { Host } from './hosts.mjs';
import { jiffiesAtZero, sleepUntil } from './jiffies.mjs';
import { Timeline } from './timeline.mjs';
import { Wire } from './wire.mjs';

// include/uapi/asm-generic/socket.h, include/uapi/asm-generic/fcntl.h, include/uapi/linux/reboot.h
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const POWER_OFF = 0x4321fedc;
const S_IFCHR = 0o020000;
/** Of /dev/net/tun (Documentation/admin-guide/devices.txt). */
const TUN_DEVICE = (10 << 8) | 200;

const PORT = 7000;
const CLIENT_PORT = 40_000;
/** Of a jiffy: what happens at round times falls on no tick. */
const PHASE = 0.37;
const LISTENS_BEFORE_S = 0.3;
const OPENS_WITHIN_S = 60;
const OPEN_BEFORE_ZERO_S = 1;
/** So long is watched after the end. */
const AFTER_END_S = 0.5;
const MOST_PACKETS = 50_000;
const sides = ['server', 'client'];

/** One experiment, from the making of its hosts to its last packet. */
class Recording {
  #order;
  #config;
  #tunPath;
  #log = [];
  #timeline = new Timeline();
  #hosts;
  #wire;
  #ends;
  #listener = null;
  #zeroNs = null;
  #untilNs;
  #jiffiesAtZero;

  constructor(order, hz, tunPath) {
    this.#order = order;
    this.#config = order.config;
    this.#tunPath = tunPath;
    this.#jiffiesAtZero = jiffiesAtZero(hz);
    const tickNs = 1e9 / hz;
    const phase = (nowNs() / tickNs + this.#jiffiesAtZero) % 1;
    sleepUntil(nowNs() + tickNs * (2 + PHASE - phase));
  }

  play() {
    const { config } = this.#order;
    const { af = 4 } = config;
    this.#hosts = {};
    for (const side of sides) this.#hosts[side] = new Host(side, config, this.#tunPath);
    this.#wire = new Wire(this.#hosts, config, (side, kind, seq) =>
      this.#note(side, 'icmp', { what: kind, args: [seq] }),
    );
    this.#ends = {};
    for (const side of sides) {
      this.#ends[side] = new End({
        log: (event, more) => this.#note(side, event, more),
        timeline: this.#timeline,
        closesOnEof: config[`${side}_close_on_eof`] ?? true,
        established: () => this.#established(side),
      });
    }
    this.#hosts.server.enter();
    this.#listener = socket(familyOf(af), SOCK_STREAM | SOCK_NONBLOCK, 0);
    this.#prepare(this.#listener, 'server', PORT);
    listen(this.#listener, 1);
    this.#note('server', 'listening', {});
    this.#timeline.nowNs = nowNs();
    this.#untilNs = nowNs() + OPENS_WITHIN_S * 1e9;
    this.#timeline.after(LISTENS_BEFORE_S * 1e9, () => this.#connect());
    while (nowNs() < this.#untilNs) this.#step();
    if (this.#zeroNs === null) throw new Error(`no connection within ${OPENS_WITHIN_S} s`);
    if (this.#wire.packets.length > MOST_PACKETS)
      throw new Error(`more than ${MOST_PACKETS} packets`);
  }

  #prepare(fd, side, port) {
    const { af = 4 } = this.#config;
    const { options, congestion } = this.#order.sockets[side];
    setOptions(fd, [[SOL_SOCKET, SO_REUSEADDR, 1], ...options], congestion);
    const address = socketAddress(af, addresses[af][side], port);
    bind(fd, address, address.length);
  }

  #connect() {
    const { af = 4, start_dropped: dropped = false } = this.#config;
    this.#hosts.client.enter();
    const fd = socket(familyOf(af), SOCK_STREAM | SOCK_NONBLOCK, 0);
    this.#prepare(fd, 'client', CLIENT_PORT);
    const address = socketAddress(af, addresses[af].server, PORT);
    this.#note('client', 'connecting', {});
    const { errno } = connect(fd, address, address.length);
    this.#ends.client.hold(fd, errno === 'EINPROGRESS');
    if (dropped !== false) this.#begin(this.#timeline.nowNs);
  }

  #established(side) {
    if (side === 'server' && this.#zeroNs === null) this.#begin(nowNs() + OPEN_BEFORE_ZERO_S * 1e9);
  }

  /** From here on there is a time 0: the plan, and the looks at the sockets. */
  #begin(zeroNs) {
    const { max_s: maxS, sample_s: sampleS = 0.5 } = this.#config;
    this.#zeroNs = zeroNs;
    this.#untilNs = zeroNs + maxS * 1e9;
    this.#timeline.nowNs = Math.min(zeroNs, nowNs());
    this.#look(sampleS * 1e9);
    for (const action of this.#order.actions) {
      this.#timeline.at(zeroNs + action.t * 1e9, () => this.#act(action));
    }
  }

  #act({ who, what, args, written }) {
    this.#note(who, 'act', { what, args: written });
    if (who === 'wire') this.#wire.act(what, args);
    else if (who === 'link') for (const side of args) this.#hosts[side].link(what);
    else if (what === 'qdisc') this.#hosts[args[0]].queue(args[1]);
    else if (what === 'netfilter') this.#hosts[args[0]].filter(args[1], this.#config.af ?? 4);
    else {
      this.#note(who, 'do', { what, args: written });
      this.#ends[who].act(what, args);
    }
  }

  #look(everyNs) {
    const { watch = 'server', watch_ss: watchKernel = false, peer = false, af = 4 } = this.#config;
    this.#ends[watch].sample();
    if (peer) this.#ends[watch === 'server' ? 'client' : 'server'].sampleReceiver();
    if (watchKernel) {
      const [port, peerPort] = watch === 'server' ? [PORT, CLIENT_PORT] : [CLIENT_PORT, PORT];
      const state = this.#hosts[watch].socketState(af, port, peerPort);
      this.#note(watch, 'ss', { state });
      if (state === 'none') this.#end();
    }
    this.#timeline.after(everyNs, () => this.#look(everyNs));
  }

  /** Watches a moment longer, and no more. */
  #end() {
    this.#untilNs = Math.min(this.#untilNs, nowNs() + AFTER_END_S * 1e9);
  }

  #step() {
    const nextNs = Math.min(this.#timeline.nextNs, this.#wire.nextNs, this.#untilNs);
    const waiting = [];
    for (const side of sides) {
      waiting.push([this.#hosts[side].device, POLLIN, () => this.#wire.collect(side, nowNs())]);
    }
    if (this.#listener !== null) waiting.push([this.#listener, POLLIN, () => this.#accept()]);
    for (const side of sides) {
      const end = this.#ends[side];
      const { fd, events } = end;
      if (events !== null) waiting.push([fd, events, (seen) => end.happened(seen)]);
    }
    const seen = poll(waiting, Math.max(0, nextNs - nowNs()));
    seen.forEach((events, index) => events !== 0 && waiting[index][2](events));
    // What a kernel has sent by now goes onto the wire before anything else happens.
    this.#wire.deliver(nowNs());
    for (const side of sides) this.#wire.collect(side, nowNs());
    this.#timeline.run(nowNs());
  }

  #accept() {
    const fd = accept(this.#listener, null, null, SOCK_NONBLOCK);
    this.#listener = null;
    this.#ends.server.hold(fd, false);
  }

  #note(who, event, more) {
    this.#log.push({ atNs: nowNs(), who, ev: event, ...more });
    const { watch = 'server', watch_ss: watchKernel = false } = this.#config;
    if (who !== watch) return;
    if (more.error !== undefined || (event === 'closed' && !watchKernel)) this.#end();
  }

  /** Takes down what was made. */
  release() {
    if (this.#listener !== null) close(this.#listener);
    for (const side of sides) {
      this.#ends[side].release();
      this.#hosts[side].release();
    }
  }

  /** The recording, as a file. */
  toJson(kernel) {
    const zeroNs = this.#zeroNs ?? this.#log[0].atNs;
    const t = (atNs) => Math.round((atNs - zeroNs) / 1e3) / 1e6;
    const { name, hz, virtualTime } = kernel;
    return JSON.stringify({
      name: this.#order.name,
      kernel: name,
      hz,
      virtual_time: virtualTime,
      jiffies_at_t0: Math.round((this.#jiffiesAtZero + (zeroNs * hz) / 1e9) * 1e3) / 1e3,
      config: this.#config,
      log: this.#log.map(({ atNs, ...line }) => ({ t: t(atNs), ...line })),
      packets: this.#wire.packets.map(({ atNs, ...packet }) => ({ t: t(atNs), ...packet })),
    });
  }
}

/** As the first process of a kernel there is nothing yet but the root, read-only. */
function prepareMachine(folder) {
  process.env.PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
  mount('proc', '/proc', 'proc', 0, '');
  mount('tmpfs', '/run', 'tmpfs', 0, '');
  mount('hostfs', folder, 'hostfs', 0, folder);
  const path = '/run/tun';
  mknod(path, S_IFCHR | 0o600, TUN_DEVICE);
  return path;
}

const isFirst = process.pid === 1;
const file = process.argv[2];
const { folder, hz, virtualTime, experiments } = JSON.parse(readFileSync(file, 'utf8'));
try {
  const tunPath = isFirst ? prepareMachine(folder) : '/dev/net/tun';
  inRealTime();
  for (const order of experiments) {
    const recording = new Recording(order, hz, tunPath);
    recording.play();
    const text = recording.toJson({ name: release(), hz, virtualTime });
    writeFileSync(order.file, `${text}\n`);
    recording.release();
  }
} catch (error) {
  writeFileSync(`${folder}/failed`, String(error.stack));
  process.exitCode = 1;
}
if (isFirst) reboot(POWER_OFF);
