/**
 * Reading packetdrill scripts (Cardwell et al., USENIX ATC 2013; the grammar is that of packetdrill's parser.y, as far as a
 * TCP socket without TLS and fast open needs it). What is beyond that is an issue that names it: such a script is
 * not half played.
 *
 *     script  = { "`shell`" | comment | event }
 *     event   = time ( packet | call | "%{ assert … }%" )
 *     time    = [ "+" ] seconds [ ( "..." | "~" ) [ "+" ] seconds ] | "*"
 *     packet  = ( "<" | ">" ) flags seq ":" end "(" length ")" [ "ack" n ] [ "win" n ] [ "<" options ">" ]
 *     call    = name "(" arguments ")" "=" result [ ERRNO ] [ "(" text ")" ]
 */
import type { Issue, Result } from '../../model/issue.ts';
import { commonDefaults } from './defaults.ts';
import type { Instant, Script, ScriptEvent, ScriptSegment, Step } from './script.ts';

/** The system calls that are played. */
const calls: ReadonlySet<string> = new Set(
  (
    'socket setsockopt getsockopt bind listen accept connect write writev send sendto sendmsg read recv recvfrom ' +
    'shutdown close fcntl ioctl poll epoll_create epoll_ctl epoll_wait'
  ).split(' '),
);

/** What the simulated kernel has nothing of, by what gives it away in a script. */
const beyond: readonly (readonly [RegExp, string])[] = [
  [/FASTOPEN|fastopen|\bFO\b/, 'TCP fast open'],
  [
    /MSG_ERRQUEUE|EPOLLERR|IP_RECVERR|RECVERR/,
    'the error queue, where zero-copy sending is reported',
  ],
  [/\becn\b|\[ect|\[noecn|\[ce\]|AccECN|\bECN\b/, 'explicit congestion notification'],
  [/TIMESTAMPING|scm_timestamping/i, 'time stamps of packets'],
  [/TCP_INQ|TCP_CM_INQ/, 'TCP_INQ'],
  [/\bmd5\b|TCP_MD5SIG/i, 'TCP MD5 signatures'],
  [/\bspi\b|\bpsp\b|AF_INET6.*IPV6_V6ONLY/i, 'PSP'],
  [/\bsplice\(|sendfile\(/, 'splice(2) and sendfile(2)'],
  [/mtu_prob|frag_needed|packet_too_big/, 'path MTU discovery'],
  [/\bfq\b|SO_MAX_PACING_RATE/, 'pacing by the fq qdisc'],
];

const SECONDS = '(?:\\d+(?:\\.\\d+)?|\\.\\d+)';
const TIME = new RegExp(
  `^(?:(\\*)|(\\+)?(${SECONDS}))(?:(\\.\\.\\.|~)(\\+)?(${SECONDS}))?\\s+(.*)$`,
  's',
);
const PACKET =
  /^([<>])\s*([SFRPWE.]+|-)\s+(\d+):(\d+)\((\d+)\)(?:\s+ack\s+(\d+))?(?:\s+win\s+(\d+))?(?:\s+<(.*)>)?$/;
const ICMP = /^<\s*icmp\s+unreachable\s+(\w+)\s*(?:\[(\d+):\d+\(\d+\)\])?$/;
const CALL = /^(\w+)\((.*)\)\s*=\s*(-?\w+)\s*([A-Z]\w+)?\s*(?:\([^)]*\))?$/s;

function us(seconds: string): number {
  return Math.round(Number(seconds) * 1_000_000);
}

function instantOf(match: RegExpExecArray): Instant {
  const [, star, plus, seconds = '0', between, secondPlus, second] = match;
  const fromUs = star === undefined ? us(seconds) : 0;
  const isSecondRelative = secondPlus !== undefined || between !== '...' || plus !== undefined;
  const otherUs = second === undefined ? fromUs : us(second);
  return {
    isRelative: plus !== undefined,
    fromUs,
    toUs: between === '~' && isSecondRelative ? otherUs : fromUs,
    untilUs: between === '...' ? otherUs : null,
    isAnyTime: star !== undefined,
  };
}

function segmentOf(match: RegExpExecArray): ScriptSegment {
  const [, , flags = '', seq, end, length, ack, win, options] = match;
  const named = options ?? '';
  const found = (pattern: RegExp): number | null => {
    const number = pattern.exec(named)?.[1];
    return number === undefined ? null : Number(number);
  };
  const ts = /TS val (\d+) ecr (\d+)/.exec(named);
  const sack = [...named.matchAll(/(?:sack|\s)\s*((?:\d+:\d+\s*)+)/g)].flatMap((one) =>
    (one[1] ?? '')
      .trim()
      .split(/[\s:]+/)
      .map(Number),
  );
  const size = Number(end) - Number(seq);
  return {
    flags,
    seq: Number(seq),
    length: size === Number(length) ? size : Number(length),
    ack: ack === undefined ? null : Number(ack),
    window: win === undefined ? null : Number(win),
    mss: found(/mss (\d+)/),
    sackOk: named.includes('sackOK'),
    windowScale: found(/wscale (\d+)/),
    timestamp: ts === null ? null : [Number(ts[1]), Number(ts[2])],
    sack: named.includes('sack ') ? sack : [],
    anyOptions: named.includes('...'),
  };
}

/** Arguments up to commas that stand in no brackets. */
function argumentsOf(text: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let current = '';
  for (const letter of text) {
    if ('([{'.includes(letter)) depth += 1;
    if (')]}'.includes(letter)) depth -= 1;
    if (letter === ',' && depth === 0) {
      found.push(current.trim());
      current = '';
    } else {
      current += letter;
    }
  }
  return current.trim() === '' && found.length === 0 ? [] : [...found, current.trim()];
}

/** The steps of one event: an assertion may hold several comparisons. */
function stepsOf(text: string): Step[] | null {
  const packet = PACKET.exec(text);
  if (packet !== null) {
    const segment = segmentOf(packet);
    return [packet[1] === '<' ? { kind: 'arrives', segment } : { kind: 'leaves', segment }];
  }
  const icmp = ICMP.exec(text);
  if (icmp !== null) {
    const [, code = '', seq] = icmp;
    return [{ kind: 'icmp', code, seq: seq === undefined ? null : Number(seq) }];
  }
  if (/^`.*qdisc.*pfifo.*`$/s.test(text)) return [{ kind: 'queue', drops: /limit 0/.test(text) }];
  // Counters of the whole machine: neither the peer nor the program sees them.
  if (/^`nstat\b.*`$/s.test(text)) return [];
  if (text.startsWith('%{')) return assertionsOf(text.slice(2).replace(/\}%\s*$/, ''));
  const call = CALL.exec(text);
  if (call === null || !calls.has(call[1] ?? '')) return null;
  const [, name = '', args = '', result = '0', errno] = call;
  return [
    {
      kind: 'call',
      name,
      args: argumentsOf(args),
      result: /^-?\d/.test(result) ? Number(result) : null,
      errno: errno ?? null,
    },
  ];
}

/** Names of numbers in assertions. */
const constants: Readonly<Record<string, number>> = {
  TCP_CA_Open: 0,
  TCP_CA_Disorder: 1,
  TCP_CA_CWR: 2,
  TCP_CA_Recovery: 3,
  TCP_CA_Loss: 4,
  TCP_INFINITE_SSTHRESH: 0x7f_ff_ff_ff,
};

const EQUAL = /^assert\s*\(?((?:tcpi|SK_MEMINFO)_\w+)\s*==\s*(\w+)\)?\s*(?:,.*)?$/;
const EQUAL_REVERSED = /^assert\s*\(?(\w+)\s*==\s*(tcpi_\w+)\)?\s*(?:,.*)?$/;
const ONE_SIDED = /^assert\s*\(?((?:tcpi|SK_MEMINFO)_\w+)\s*([<>])(=?)\s*(\d+)\)?\s*(?:,.*)?$/;
const BETWEEN = /^assert\s*\(?(\d+)\s*<=?\s*(tcpi_\w+)\s*<=?\s*(\d+)\)?\s*(?:,.*)?$/;

/** Comparisons of a field of TCP_INFO with numbers; other Python is beyond. */
function assertionsOf(code: string): Step[] | null {
  const steps: Step[] = [];
  for (const line of code.replaceAll('\\', ' ').split(/[\n;]/)) {
    const plain = line.replace(/#.*$/, '').trim();
    if (plain === '' || plain.startsWith('print') || /^TCP_INFINITE_SSTHRESH\s*=/.test(plain))
      continue;
    const reversed = EQUAL_REVERSED.exec(plain);
    const equal = reversed === null ? EQUAL.exec(plain) : [plain, reversed[2], reversed[1]];
    const between = BETWEEN.exec(plain);
    const oneSided = ONE_SIDED.exec(plain);
    if (equal !== null) {
      const [, field = '', value = ''] = equal;
      const number = constants[value] ?? Number(value);
      if (Number.isNaN(number)) return null;
      steps.push({ kind: 'assert', field, min: number, max: number });
    } else if (oneSided !== null) {
      const [, field = '', way, orEqual, value] = oneSided;
      const beside = orEqual === '=' ? 0 : 1;
      const number = Number(value) + (way === '<' ? -beside : beside);
      const range = way === '<' ? { min: -Infinity, max: number } : { min: number, max: Infinity };
      steps.push({ kind: 'assert', field, ...range });
    } else if (between !== null) {
      const [, min, field = '', max] = between;
      steps.push({ kind: 'assert', field, min: Number(min), max: Number(max) });
    } else {
      return null;
    }
  }
  return steps;
}

/** Comments gone, line numbers kept: `//`, `#` at the beginning of a line, and the other kind. */
function withoutComments(text: string): string {
  return text
    .replace(/\/\*.*?\*\//gs, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|\s)\/\/.*$/gm, '$1')
    .replace(/^\s*#.*$/gm, '')
    .replace(/^\s*--.*$/gm, '');
}

/** An event begins with a time; what follows without one belongs to it. */
function eventsOf(text: string): { line: number; text: string }[] {
  const events: { line: number; text: string }[] = [];
  let isOpen = false;
  text.split('\n').forEach((line, index) => {
    const plain = line.trim();
    if (plain === '') return;
    const last = events.at(-1);
    // A time may stand alone, its event on the next line.
    if (!isOpen && TIME.test(`${plain} ?`)) events.push({ line: index + 1, text: plain });
    else if (last !== undefined) last.text += `\n${plain}`;
    else events.push({ line: index + 1, text: plain });
    const whole = events.at(-1)?.text ?? '';
    isOpen = whole.includes('%{') && !whole.includes('}%');
  });
  return events;
}

/** Products in the shell's arithmetic, `$((15*1024*1024))`, as numbers. */
function products(text: string): string {
  return text.replace(/\$\(\(([\d*\s]+)\)\)/g, (_, factors: string) =>
    String(factors.split('*').reduce((product, factor) => product * Number(factor), 1)),
  );
}

/** What `sysctl` sets, in the script or in the common defaults that it calls with more. */
function settingsOf(shell: string): [string, number | string][] {
  return [...shell.matchAll(/\bnet[./]ipv4[./](tcp_\w+)=("[^"]*"|\S+)/g)].flatMap(
    ([, short = '', value = '']): [string, number | string][] => {
      const name = `net.ipv4.${short}`;
      const parts = products(value).replaceAll('"', '').trim().split(/\s+/);
      if (parts.length === 3) return parts.map((part, i) => [`${name}.${i}`, Number(part)]);
      return [[name, Number.isFinite(Number(parts[0])) ? Number(parts[0]) : (parts[0] ?? '')]];
    },
  );
}

/**
 * Reads a script.
 *
 * @param path the file's name, for messages
 */
export function parseScript(text: string, path: string): Result<Script> {
  const plain = withoutComments(text);
  const issues: Issue[] = [];
  const complain = (line: number, code: string, received: string, expected: string): void => {
    issues.push({ code, path: `${path}: line ${line}`, received: received.slice(0, 80), expected });
  };
  for (const [mark, what] of beyond) {
    const found = mark.exec(plain);
    if (found === null) continue;
    const line = plain.slice(0, found.index).split('\n').length;
    complain(line, 'unsupported', what, 'a script of what the simulated kernel has');
    return { ok: false, issues };
  }
  const shell = [...plain.matchAll(/`([^`]*)`/gs)].map(([, command = '']) => command).join('\n');
  const settings = settingsOf(shell);
  const events: ScriptEvent[] = [];
  // A command at a time of its own is an event; the others come before everything.
  const body = plain.replace(/^\s*`[^`]*`/gms, (command) => command.replace(/[^\n]/g, ' '));
  for (const event of eventsOf(body)) {
    const time = TIME.exec(event.text);
    const steps = time === null ? null : stepsOf((time[7] ?? '').trim());
    if (time === null || steps === null) {
      complain(event.line, 'unsupported', event.text, 'a packet, a system call or an assertion');
      continue;
    }
    steps.forEach((step, index) => {
      const at = instantOf(time);
      const again: Instant = { ...at, isRelative: true, fromUs: 0, toUs: 0 };
      events.push({ line: event.line, at: index === 0 ? at : again, step });
    });
  }
  if (issues.length > 0) return { ok: false, issues };
  if (events.length === 0) {
    complain(1, 'bad-script', 'no event', 'a packetdrill script');
    return { ok: false, issues };
  }
  const numbers = settings.filter((one): one is [string, number] => typeof one[1] === 'number');
  const tolerance = /^\s*--tolerance_usecs=(\d+)/m.exec(text)?.[1];
  const congestion = settings.find(([name]) => name === 'net.ipv4.tcp_congestion_control')?.[1];
  return {
    ok: true,
    value: {
      name: path.replace(/^.*[/\\]|\.pkt$/g, ''),
      sysctls: {
        ...(shell.includes('defaults.sh') && commonDefaults),
        ...Object.fromEntries(numbers),
      },
      congestion: typeof congestion === 'string' ? congestion : null,
      toleranceUs: tolerance === undefined ? null : Number(tolerance),
      events,
    },
  };
}
