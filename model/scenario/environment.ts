/** A scenario in another environment: the same story with another round trip, tick, sysctls or socket options. */
import type { Result } from '../issue.ts';
import type { Environment } from '../schema/environment.ts';
import { parseScenario } from './index.ts';
import type { KernelSetting, Scenario } from './types.ts';

export type { Environment } from '../schema/environment.ts';

/** The kernels of both hosts with what the environment sets. */
export function kernelIn(kernel: KernelSetting, environment: Environment): KernelSetting {
  const { hz = kernel.hz, serverSocketOptions, clientSocketOptions } = environment;
  return {
    ...kernel,
    hz,
    serverSysctls: { ...kernel.serverSysctls, ...environment.serverSysctls },
    clientSysctls: { ...kernel.clientSysctls, ...environment.clientSysctls },
    ...(serverSocketOptions !== undefined && {
      serverSocketOptions: { ...kernel.serverSocketOptions, ...serverSocketOptions },
    }),
    ...(clientSocketOptions !== undefined && {
      clientSocketOptions: { ...kernel.clientSocketOptions, ...clientSocketOptions },
    }),
  };
}

/**
 * The scenario under its own name, or what of the environment its kernel does not have.
 *
 * @example
 * const far = inEnvironment(scenarios['vanish-idle'], { rttMs: 200 });
 * far.ok && far.value.path.rttMs // => 200
 */
export function inEnvironment(scenario: Scenario, environment: Environment): Result<Scenario> {
  const { rttMs = scenario.path.rttMs } = environment;
  const path = { ...scenario.path, rttMs };
  const kernel = kernelIn(scenario.kernel, environment);
  return parseScenario({ ...scenario, path, kernel }, scenario.name);
}
