/**
 * Metrics as a registry of `prom-client` uses them (its lib/registry.js): it keeps them by name, asks `get` for the
 * samples, and may call `reset`. With the OpenMetrics content type it takes `_total` off a counter's `name` and
 * adds it to each sample, so the name that is answered must be the one that is kept.
 */

export interface Sample {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  /** Where it is not the metric's own: `…_bucket`, `…_sum`, `…_count`. */
  readonly metricName?: string;
}

export interface Metric {
  name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter' | 'histogram';
  /** How the samples of several processes become one (`cluster`). */
  readonly aggregator: 'sum' | 'min' | 'max';
  get(): Promise<MetricSamples>;
  /** Forgets what the metric itself has counted. */
  reset(): void;
}

export interface MetricSamples extends Pick<Metric, 'name' | 'help' | 'type' | 'aggregator'> {
  readonly values: Sample[];
}

/** A metric whose samples are made when it is scraped. */
export class PulledMetric implements Metric {
  name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  readonly aggregator: Metric['aggregator'];
  readonly #samples: () => Sample[];

  constructor(
    type: 'gauge' | 'counter',
    name: string,
    help: string,
    samples: () => Sample[],
    aggregator: Metric['aggregator'] = 'sum',
  ) {
    this.aggregator = aggregator;
    this.type = type;
    this.name = name;
    this.help = help;
    this.#samples = samples;
  }

  get(): Promise<MetricSamples> {
    const { name, help, type, aggregator } = this;
    return Promise.resolve({ name, help, type, aggregator, values: this.#samples() });
  }

  /** What is pulled is counted elsewhere. */
  reset(): void {}
}

interface Series {
  readonly labels: Sample['labels'];
  /** Observations up to each bound, not counting those of the bounds below. */
  readonly counts: number[];
  sum: number;
  count: number;
}

/** A histogram with fixed buckets. */
export class Histogram implements Metric {
  name: string;
  readonly help: string;
  readonly type = 'histogram';
  readonly aggregator = 'sum';
  readonly #bounds: readonly number[];
  readonly #series = new Map<string, Series>();

  constructor(name: string, help: string, bounds: readonly number[]) {
    this.name = name;
    this.help = help;
    this.#bounds = bounds;
  }

  observe(labels: Sample['labels'], value: number): void {
    const key = JSON.stringify(labels);
    let series = this.#series.get(key);
    if (series === undefined) {
      series = { labels, counts: this.#bounds.map(() => 0), sum: 0, count: 0 };
      this.#series.set(key, series);
    }
    series.sum += value;
    series.count += 1;
    const bucket = this.#bounds.findIndex((bound) => value <= bound);
    if (bucket >= 0) series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
  }

  get(): Promise<MetricSamples> {
    const { name, help, type, aggregator } = this;
    const values = [...this.#series.values()].flatMap((series) => this.#samples(series));
    return Promise.resolve({ name, help, type, aggregator, values });
  }

  reset(): void {
    this.#series.clear();
  }

  #samples({ labels, counts, sum, count }: Series): Sample[] {
    let upTo = 0;
    const buckets = this.#bounds.map((bound, index): Sample => {
      upTo += counts[index] ?? 0;
      return { metricName: `${this.name}_bucket`, labels: { ...labels, le: bound }, value: upTo };
    });
    return [
      ...buckets,
      { metricName: `${this.name}_bucket`, labels: { ...labels, le: '+Inf' }, value: count },
      { metricName: `${this.name}_sum`, labels, value: sum },
      { metricName: `${this.name}_count`, labels, value: count },
    ];
  }
}
