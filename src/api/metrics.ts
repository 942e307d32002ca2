import { metrics } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import type { FastifyInstance } from 'fastify';
import { isLoopback } from '#config/addresses.ts';
import { PortcullisError } from '#contract/errors.ts';
import { READERS } from '#contract/routes/route.ts';
import type { RouteAccess } from './http/register-routes.ts';

export interface Metrics extends AsyncDisposable {
  /** Everything measured so far, in Prometheus' text format. */
  text(): Promise<string>;
}

/**
 * Starts collecting. Every room measures through `metrics.getMeter(…)` of the OpenTelemetry API, which does
 * nothing until this was called; one process collects once.
 */
export function startMetrics(): Metrics {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ readers: [exporter] });
  metrics.setGlobalMeterProvider(provider);
  const serializer = new PrometheusSerializer('portcullis', false, undefined, true, true);
  addProcessMetrics(provider);
  return {
    async text() {
      const { resourceMetrics } = await exporter.collect();
      return serializer.serialize(resourceMetrics);
    },
    async [Symbol.asyncDispose]() {
      metrics.disable();
      await provider.shutdown();
    },
  };
}

function addProcessMetrics(provider: MeterProvider): void {
  const meter = provider.getMeter('process');
  meter
    .createObservableGauge('process_resident_memory_bytes', { description: 'Memory of the main process.' })
    .addCallback((result) => result.observe(process.memoryUsage.rss()));
  meter
    .createObservableCounter('process_cpu_seconds', { description: 'Processor time of the main process.' })
    .addCallback((result) => {
      const { user, system } = process.cpuUsage();
      result.observe((user + system) / 1_000_000);
    });
}

/** For monitoring on the same machine without a token, for everybody else with the role to read. */
export function addMetricsPage(app: FastifyInstance, collected: Metrics, access: RouteAccess): void {
  app.get('/metrics', async (request, reply) => {
    // What came through a proxy came from elsewhere, whatever its last hop was.
    const isHere =
      isLoopbackPeer(request.socket.remoteAddress) &&
      // A name in the Host header could be one that a web page has pointed here (DNS rebinding).
      isLoopback(request.hostname) &&
      request.headers['x-forwarded-for'] === undefined &&
      request.headers.forwarded === undefined;
    if (!isHere) {
      const caller = await access.identify(request);
      if (!caller.roles.some((role) => READERS.includes(role)))
        throw new PortcullisError('E_FORBIDDEN', `This needs one of the roles ${READERS.join(', ')}.`);
    }
    return reply
      .type('text/plain; version=0.0.4; charset=utf-8')
      .serializer(String)
      .send(await collected.text());
  });
}

/** Undefined is the administrator's socket. */
function isLoopbackPeer(address: string | undefined): boolean {
  return (
    address === undefined || address === '::1' || /^(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(address)
  );
}
