/** `serialize_hosts`: one connection at a time, across processes, by a hint that is too old to count after six hours. */
import type { HostTarget, TransportServices } from "@mailkit/sdk";

const OLD = 6 * 3_600_000;

/** False when somebody else is connected to the host. */
export function claimHost(host: Pick<TransportServices, "hints" | "clock">, target: HostTarget): boolean {
  let claimed = false;
  host.hints.update<{ readonly since: number }>("misc", keyOf(target), (old) => {
    claimed = old === undefined || Math.abs(host.clock.now() - old.value.since) > OLD;
    return claimed ? { since: host.clock.now() } : old?.value;
  });
  return claimed;
}

export function releaseHost(host: Pick<TransportServices, "hints">, target: HostTarget): void {
  host.hints.delete("misc", keyOf(target));
}

function keyOf(target: HostTarget): string {
  return `host-serialize-${target.name}`;
}
