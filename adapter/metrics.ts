/**
 * `ghostbound/metrics`: what reapers do, for a registry of `prom-client` or a meter of OpenTelemetry.
 *
 * Nothing is counted twice: what is a state is read off the reapers when it is scraped, and histograms listen to them. Neither library is
 * loaded here: any copy of them will do.
 */
import { InputError } from '../model/issue.ts';
import { OBSERVED, PULLED, type MeasuredReaper, type Named } from './metrics/catalogue.ts';
import { reportTo, type OpenTelemetryMeter } from './metrics/opentelemetry.ts';
import { Histogram, PulledMetric, type Metric } from './metrics/prom-client.ts';
import { namedReapers } from './metrics/reapers.ts';

export type { MeasuredReaper } from './metrics/catalogue.ts';
export type { OpenTelemetryMeter } from './metrics/opentelemetry.ts';
export type { Metric, Sample } from './metrics/prom-client.ts';
export type { MeasuredTime } from './reaper/times.ts';
export { InputError } from '../model/issue.ts';

/** The part of a `Registry` of `prom-client` (14 or later) that is used. */
export interface MetricsRegistry {
  registerMetric(metric: never): void;
  getSingleMetric(name: string): unknown;
  removeSingleMetric(name: string): void;
}

/** What is registered on one registry: reapers come and go, the metrics stay for as long as there is one. */
interface Registration {
  readonly reapers: Map<string, MeasuredReaper>;
  readonly histograms: readonly Histogram[];
  readonly names: readonly string[];
}

const registrations = new WeakMap<object, Registration>();

/**
 * Registers the metrics of one or several reapers; those of a server that starts later may be added by another call. Their names and
 * meanings are in docs/adapter.md.
 *
 * @param registry - a `Registry` of `prom-client`.
 * @param reapers - one handle of `attachReaper`, whose label is its policy's name, or several by the name that their
 *   label `server` shall have.
 * @returns the function that takes these reapers off again, and the metrics with the last of them.
 * @throws InputError when an argument is not what it must be, or the registry has one of the names already.
 *
 * @example
 * import { createServer } from 'node:net';
 * import { attachReaper } from 'ghostbound/node';
 * import { registerMetrics } from 'ghostbound/metrics';
 *
 * const names = []; // stands in for `new Registry()` of prom-client
 * const registry = {
 *   registerMetric: ({ name }) => names.push(name),
 *   getSingleMetric: () => undefined,
 *   removeSingleMetric: () => undefined,
 * };
 * const policy = { name: 'quiet', mechanisms: [{ kind: 'idle', timeoutMs: '2m' }] };
 * const reaper = attachReaper(createServer(), policy);
 * const unregister = registerMetrics(registry, { api: reaper });
 * names[0] // => 'ghostbound_connections'
 * unregister();
 */
export function registerMetrics(
  registry: MetricsRegistry,
  reapers: MeasuredReaper | Readonly<Record<string, MeasuredReaper>>,
): () => void {
  const named = namedReapers(reapers);
  const registration = registrationOn(registry);
  const taken = named.filter(([server]) => registration.reapers.has(server));
  if (taken.length > 0) {
    throw new InputError(
      taken.map(([server]) => ({
        code: 'already-registered',
        path: 'reapers',
        expected: 'names that this registry does not have yet',
        received: server,
      })),
    );
  }
  const stops = named.flatMap(([server, reaper]) => {
    registration.reapers.set(server, reaper);
    return OBSERVED.map(({ listen }, index) =>
      listen(reaper, (labels, seconds) => {
        registration.histograms[index]?.observe({ server, ...labels }, seconds);
      }),
    );
  });
  return () => {
    for (const stop of stops.splice(0)) stop();
    for (const [server] of named.splice(0)) registration.reapers.delete(server);
    if (registration.reapers.size > 0 || registrations.get(registry) !== registration) return;
    registrations.delete(registry);
    for (const name of registration.names) registry.removeSingleMetric(name);
  };
}

/**
 * The same metrics for OpenTelemetry: `ghostbound.connections`, `ghostbound.bound` and so on, with the attribute `server`.
 *
 * @param meter - a `Meter` of `@opentelemetry/api`.
 * @param reapers - as for {@link registerMetrics}.
 * @returns the function that stops reporting.
 * @throws InputError when an argument is not what it must be.
 * @example
 * import { createServer } from 'node:net';
 * import { attachReaper } from 'ghostbound/node';
 * import { reportMetrics } from 'ghostbound/metrics';
 *
 * const names = []; // what a `Meter` of @opentelemetry/api would be told
 * const observable = { addCallback: () => undefined, removeCallback: () => undefined };
 * const told = (name) => (names.push(name), observable);
 * const meter = {
 *   createObservableGauge: told,
 *   createObservableCounter: told,
 *   createHistogram: (name) => (names.push(name), { record: () => undefined }),
 * };
 * const policy = { name: 'quiet', mechanisms: [{ kind: 'idle', timeoutMs: '2m' }] };
 * const stop = reportMetrics(meter, { api: attachReaper(createServer(), policy) });
 * names[0] // => 'ghostbound.connections'
 * stop();
 */
export function reportMetrics(
  meter: OpenTelemetryMeter,
  reapers: MeasuredReaper | Readonly<Record<string, MeasuredReaper>>,
): () => void {
  return reportTo(meter, namedReapers(reapers));
}

function registrationOn(registry: MetricsRegistry): Registration {
  checkRegistry(registry);
  const known = registrations.get(registry);
  if (known !== undefined) return known;
  const reapers = new Map<string, MeasuredReaper>();
  const pulled = PULLED.map(
    ({ kind, name, help, aggregator, read }) =>
      new PulledMetric(kind, name, help, () => samplesOf([...reapers], read), aggregator),
  );
  const histograms = OBSERVED.map(({ name, help, boundsS }) => new Histogram(name, help, boundsS));
  const metrics: Metric[] = [...pulled, ...histograms];
  checkNames(registry, metrics);
  const names = metrics.map(({ name }) => name);
  for (const metric of metrics) registry.registerMetric(metric as never);
  const registration: Registration = { reapers, histograms, names };
  registrations.set(registry, registration);
  return registration;
}

function samplesOf(named: readonly Named[], read: (typeof PULLED)[number]['read']) {
  return named.flatMap(([server, reaper]) =>
    read(reaper).map(({ labels, value }) => ({ labels: { server, ...labels }, value })),
  );
}

function checkRegistry(registry: unknown): void {
  const { registerMetric, getSingleMetric, removeSingleMetric } = (registry ??
    {}) as Partial<MetricsRegistry>;
  const members = [registerMetric, getSingleMetric, removeSingleMetric];
  if (members.every((member) => typeof member === 'function')) return;
  const expected = 'a Registry of prom-client';
  throw new InputError([
    { code: 'bad-type', path: 'registry', expected, received: typeof registry },
  ]);
}

function checkNames(registry: MetricsRegistry, metrics: readonly Metric[]): void {
  const taken = metrics.filter(({ name }) => registry.getSingleMetric(name) !== undefined);
  if (taken.length === 0) return;
  throw new InputError(
    taken.map(({ name }) => ({
      code: 'already-registered',
      path: 'registry',
      expected: 'a registry without these names',
      received: name,
    })),
  );
}
