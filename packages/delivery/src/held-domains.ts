/**
 * `hold_domains`: domains that nothing but a forced delivery looks at. `queue_domains` and `queue_smtp_domains`: domains that
 * a message's first attempt passes over; queue runs and `-M` do not. Manual, options of these names.
 */
import { newAddressFacts, splitAddress } from "@mailkit/sdk";
import type { Scope } from "@mailkit/sdk";
import { leftForLater } from "./attempt.ts";
import type { DeliveryDeps } from "./deps.ts";
import type { DeliveryContext, RoutedAddress, RoutingEnd } from "./types.ts";

export const HELD = "domain is held";
export const IN_QUEUE_DOMAINS = "domain is in queue_domains";

type Held = Pick<DeliveryDeps, "waits" | "transportFacts">;

interface At {
  readonly context: DeliveryContext;
  readonly scope: Scope;
}

interface Split {
  readonly now: readonly RoutedAddress[];
  readonly held: readonly RoutingEnd[];
}

/** Before routing: why it is put off. */
export async function putOff(address: string, { context, scope }: At, deps: Held): Promise<string | undefined> {
  if (deps.waits === undefined) return undefined;
  const { localPart, domain } = splitAddress(address);
  const facts = newAddressFacts(localPart, domain);
  if (!context.options.force && (await deps.waits("hold_domains", facts, scope))) return HELD;
  const first = context.options.cause === "arrival" && (await deps.waits("queue_domains", facts, scope));
  return first ? IN_QUEUE_DOMAINS : undefined;
}

/** After routing: remote deliveries that wait. */
export async function holdRemote(deliveries: readonly RoutedAddress[], at: At, deps: Held): Promise<Split> {
  if (deps.waits === undefined || at.context.options.cause !== "arrival") return { now: deliveries, held: [] };
  const split = { now: [] as RoutedAddress[], held: [] as RoutingEnd[] };
  for (const address of deliveries) {
    const waits = deps.transportFacts(address.transport).remote && (await deps.waits("queue_smtp_domains", address.facts, at.scope));
    if (waits) split.held.push(leftForLater(address, "options"));
    else split.now.push(address);
  }
  return split;
}
