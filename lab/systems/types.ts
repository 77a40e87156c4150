/**
 * Real servers on this machine's real kernel: how each is started, and what is done to its clients. One file per
 * system, one line in `index.ts`; `record.ts` plays them and writes what was seen, `test/systems` holds the built-in
 * policy against it.
 */

/** How a client of the system opens its connection and what it answers: `programs/client.mjs`. */
export type ClientProtocol =
  | 'tcp'
  | 'websocket'
  | 'engine.io'
  | 'sockjs'
  | 'http'
  | 'http2'
  | 'redis'
  | 'nats'
  | 'postgres'
  | 'mqtt'
  | 'amqp';

/**
 * What happens to the clients: `vanish` cuts their wire for ever, `freeze` stops their process (the kernel still
 * answers), `quiet` leaves them alone, alive and silent.
 */
export type RecordedStory = 'vanish' | 'freeze' | 'quiet';

/** Where a system runs: the server's namespace, and a folder of its own for configuration and data. */
export interface Place {
  readonly address: string;
  readonly port: number;
  /** Empty at first; removed afterwards. */
  readonly folder: string;
  /** A program of `programs/` by its file name, as an absolute path. */
  readonly program: (file: string) => string;
  /** Compiles a Go program of `programs/` with Debian's packages; returns the executable's path. */
  readonly go: (file: string) => string;
  /** Installs packages of npm into the folder. */
  readonly npm: (...packages: string[]) => void;
  /** Writes a file into the folder; returns its path. */
  readonly write: (file: string, text: string) => string;
  /** Runs a command to its end, in the folder. */
  readonly run: (command: string, ...args: string[]) => void;
}

/** A process to be started in the server's namespace. */
export interface Start {
  readonly command: string;
  readonly args: readonly string[];
}

export interface RecordedSystem {
  readonly name: string;
  /** The built-in policy with the options the system is started with, as `--policy` takes it. */
  readonly policy: string;
  /** Debian packages that must be there. */
  readonly debian: readonly string[];
  /** Prints the version, somewhere in its output. */
  readonly version: Start;
  readonly protocol: ClientProtocol;
  /**
   * With which simulated instant the real kernel's socket leaves ESTABLISHED: with the descriptor's close, as nearly
   * everywhere, or with the decision, where the system shuts its sending side at once.
   */
  readonly leavesEstablishedWith?: 'decision';
  /** WebSocket and HTTP clients: what they ask for. */
  readonly path?: string;
  /** MQTT and AMQP clients: their keep alive or heartbeat, s. */
  readonly beatS?: number;
  readonly database?: string;
  /** What is played, and for how long after it every connection is watched, s. */
  readonly stories: readonly { readonly story: RecordedStory; readonly watchS: number }[];
  /** Prepares the folder and says what to start, in order; the last one is the server itself. */
  readonly start: (place: Place) => readonly Start[];
}

/** One connection of a recording. Milliseconds from the fault (or from the handshake's end, where there is none). */
export interface RecordedLife {
  /** From the end of its handshake to the fault; 0 where there is none. */
  readonly ageMs: number;
  /** The server's kernel socket leaves ESTABLISHED; null = not while it was watched. */
  readonly kernelClosedMs: number | null;
}

/** Socket options as getsockopt(2) read them on the server's own descriptor. */
export interface RecordedOptions {
  readonly keepalive: {
    readonly idleS: number;
    readonly intervalS: number;
    readonly probes: number;
  } | null;
  readonly userTimeoutMs: number;
}

/** A file of `test/systems/`. */
export interface SystemRecording {
  readonly schemaVersion: 1;
  readonly system: string;
  readonly version: string;
  readonly kernel: string;
  readonly policy: string;
  readonly options: RecordedOptions;
  readonly stories: readonly {
    readonly story: RecordedStory;
    readonly watchMs: number;
    readonly lives: readonly RecordedLife[];
  }[];
}
