/**
 * The same metrics for a meter of OpenTelemetry, by the few methods that are used of it: nothing of OpenTelemetry is loaded here. Its
 * names have dots, its units are its own field, and it counts in no `_total`.
 */
import { InputError } from '../../model/issue.ts';
import { OBSERVED, PULLED, type Labels, type Named } from './catalogue.ts';

interface ObservableResult {
  observe(value: number, attributes?: Labels): void;
}
type Callback = (result: ObservableResult) => void;
interface Observable {
  addCallback(callback: Callback): void;
  removeCallback(callback: Callback): void;
}
interface InstrumentOptions {
  readonly description?: string;
  readonly unit?: string;
  readonly advice?: { readonly explicitBucketBoundaries?: number[] };
}

/** The part of a `Meter` of `@opentelemetry/api` that is used. */
export interface OpenTelemetryMeter {
  createObservableGauge(name: string, options?: InstrumentOptions): Observable;
  createObservableCounter(name: string, options?: InstrumentOptions): Observable;
  createHistogram(
    name: string,
    options?: InstrumentOptions,
  ): { record(value: number, attributes?: Labels): void };
}

/** `ghostbound_ping_round_trip_seconds` → `ghostbound.ping.round.trip`, in s. */
function named(name: string): { readonly name: string; readonly unit: string } {
  const bare = name.replace(/_total$/, '');
  const unit = bare.endsWith('_seconds') ? 's' : bare.endsWith('_bytes') ? 'By' : '1';
  return { name: bare.replace(/_seconds$|_bytes$/, '').replace(/_/g, '.'), unit };
}

/** Hands every metric of these reapers to the meter, until the function that it answers is called. */
export function reportTo(meter: OpenTelemetryMeter, reapers: readonly Named[]): () => void {
  checkMeter(meter);
  const stops = PULLED.map(({ kind, name: wholeName, help: description, read }) => {
    const { name, unit } = named(wholeName);
    const options = { description, unit };
    const instrument =
      kind === 'gauge'
        ? meter.createObservableGauge(name, options)
        : meter.createObservableCounter(name, options);
    const callback: Callback = (result) => {
      for (const [server, reaper] of reapers) {
        for (const { labels, value } of read(reaper)) {
          // OTLP has no infinite sums, and a bound that is none is no bound.
          if (Number.isFinite(value)) result.observe(value, { server, ...labels });
        }
      }
    };
    instrument.addCallback(callback);
    return () => {
      instrument.removeCallback(callback);
    };
  });
  for (const { name: wholeName, help: description, boundsS, listen } of OBSERVED) {
    const { name, unit } = named(wholeName);
    const advice = { explicitBucketBoundaries: [...boundsS] };
    const histogram = meter.createHistogram(name, { description, unit, advice });
    for (const [server, reaper] of reapers) {
      const stop = listen(reaper, (labels, seconds) => {
        histogram.record(seconds, { server, ...labels });
      });
      stops.push(stop);
    }
  }
  return () => {
    for (const stop of stops.splice(0)) stop();
  };
}

function checkMeter(meter: unknown): void {
  const { createObservableGauge, createObservableCounter, createHistogram } = (meter ??
    {}) as Partial<OpenTelemetryMeter>;
  const members = [createObservableGauge, createObservableCounter, createHistogram];
  if (members.every((member) => typeof member === 'function')) return;
  const expected = 'a Meter of @opentelemetry/api';
  throw new InputError([{ code: 'bad-type', path: 'meter', expected, received: typeof meter }]);
}
