/** The services that a driver may use, over the scope of the attempt. */
import type { Scope, TransportServices } from "@mailkit/sdk";
import type { Prepared } from "./run-attempt.ts";
import { hostScope } from "./scope.ts";
import type { TransportPorts } from "./types.ts";

export function makeServices({ scope, request }: Prepared): TransportServices {
  const { ports } = request;
  return { ...servicesOver(scope, ports), submit: (message) => ports.submit(message, request.message.envelope.id) };
}

/** Those that need no message. */
export function servicesOver(
  scope: Scope,
  ports: Pick<TransportPorts, "hosts" | "setting" | "admit" | "authenticators">,
): Omit<TransportServices, "submit"> {
  const { services } = scope;
  return {
    expand: (template) => template.evaluate(scope),
    expandFor: (host, template) => template.evaluate(hostScope(scope, host)),
    dns: services.dns,
    files: services.files,
    accounts: services.accounts,
    processes: services.processes,
    lists: services.lists,
    lookups: services.lookups,
    hints: services.hints,
    clock: services.clock,
    random: services.random,
    trace: services.trace,
    hosts: ports.hosts,
    scope,
    setting: ports.setting,
    admit: ports.admit,
    authenticators: ports.authenticators,
  };
}
