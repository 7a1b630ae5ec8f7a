/**
 * Hop 7: the open recipients of a message to addresses with transports. Routers do the work; here their tree becomes
 * what planning and the log speak of, and retry hints of routing hold back what is not due.
 */
import { splitAddress } from "@mailkit/sdk";
import type { Identity, Recipient, Scope } from "@mailkit/sdk";
import type { RouteAccepted, RouteNode, RouteRequest, RouteResult } from "@mailkit/routers";
import type { DeliveryDeps } from "./deps.ts";
import { admission, retryKeys } from "./retry.ts";
import type { AddressNode, DeliveryContext, RoutedAddress, RoutedMessage, RoutingEnd } from "./types.ts";

export async function routeRecipients(context: DeliveryContext, scope: Scope, deps: DeliveryDeps): Promise<RoutedMessage> {
  const open = context.envelope.recipients.filter((recipient) => !context.message.state.done.has(recipient.address));
  const found: Found = { deliveries: [], ends: [], routed: [], replaced: [] };
  if (context.options.giveUp !== undefined) {
    for (const recipient of open)
      found.ends.push({
        kind: "failed",
        node: topNode(recipient, recipient.address),
        message: context.options.giveUp,
        userMessage: undefined,
      });
    return found;
  }
  const requests = open.map((recipient): RouteRequest => ({
    address: recipient.address,
    purpose: "deliver",
    sender: context.envelope.sender,
    scope,
    ...inheritedOf(recipient),
  }));
  const nodes = await deps.routeAll(requests, {
    dedupe: true,
    done: (key) => context.message.state.done.has(key),
    admit: (request) => admit(request, context, deps),
  });
  const collect = collector(context, scope, deps, found);
  for (const [i, node] of nodes.entries()) await collect(node, topNode(open[i] as Recipient, open[i]?.address as string));
  return found;
}

/** `one_time` children carry what their router would have given them. */
function inheritedOf(recipient: Recipient): Pick<RouteRequest, "inherited"> {
  if (recipient.errorsTo === undefined) return {};
  const none = {
    headersAdd: [],
    headersRemove: [],
    addressData: undefined,
    variables: new Map(),
    selfHostname: "",
    oneTime: false,
    hidden: false,
  };
  return { inherited: { ...none, errorsTo: recipient.errorsTo } };
}

interface Found {
  readonly deliveries: RoutedAddress[];
  readonly ends: RoutingEnd[];
  readonly routed: string[];
  readonly replaced: { readonly parent: string; readonly children: readonly Recipient[] }[];
}

const NOT_REACHED = "retry time not reached";

/** Routing of an address that failed lately waits, in queue runs that are not forced. */
function admit(request: RouteRequest, context: DeliveryContext, deps: DeliveryDeps): string | undefined {
  const { cause, force } = context.options;
  if (cause !== "queueRun" || force) return undefined;
  const keys = [request.address, splitAddress(request.address).domain].map((key) => retryKeys.routing(key));
  const waits = keys.some((key) => admission(deps.hints.get("retry", key), context.now, deps.settings.retryDataExpire) === "not yet");
  const sender = deps.hints.get("retry", retryKeys.recipient(request.address, context.envelope.sender));
  return waits || admission(sender as never, context.now, deps.settings.retryDataExpire) === "not yet" ? NOT_REACHED : undefined;
}

function topNode(recipient: Recipient, address: string): AddressNode {
  const base = {
    display: address,
    key: address,
    router: "",
    errorsTo: recipient.errorsTo,
    ...(recipient.dsn === undefined ? {} : { dsn: recipient.dsn }),
  };
  const parent =
    recipient.parent === undefined
      ? undefined
      : { display: recipient.parent, key: recipient.parent, parent: undefined, router: "", errorsTo: recipient.errorsTo };
  return { ...base, parent };
}

type Collect = (node: RouteNode, self: AddressNode) => Promise<void>;

function collector(context: DeliveryContext, scope: Scope, deps: DeliveryDeps, found: Found): Collect {
  const collect: Collect = async (node, self) => {
    if (node.skipped !== undefined || node.result === undefined) {
      found.ends.push({ kind: "same", node: { ...self, key: node.key }, done: node.skipped === "done" });
      return;
    }
    if (node.result.kind === "copied") {
      writeNotes(node.result, context, deps);
      for (const copy of node.children) await collect(copy, { ...self, key: copy.key, parent: self });
      return;
    }
    await take(node.result, self);
    for (const child of node.children) await collect(child, childNode(child, self, node.result));
  };
  const take = async (result: Exclude<RouteResult, { kind: "copied" }>, self: AddressNode): Promise<void> => {
    writeNotes(result, context, deps);
    if (result.kind === "accepted") await takeAccepted(result, self);
    else if (result.kind !== "redirected") found.ends.push(endOf(result, withRouter(self, result)));
  };
  const takeAccepted = async (result: RouteAccepted, self: AddressNode): Promise<void> => {
    const node = withRouter(self, result);
    if (result.problem !== undefined) {
      const base = { node, message: result.problem.message, userMessage: undefined };
      found.ends.push(
        result.problem.kind === "failed"
          ? { kind: "failed", ...base }
          : { kind: "deferred", ...base, freeze: false, errno: -30, retryKey: result.retryKey },
      );
    } else found.deliveries.push(await routedAddress(result, node, deps.addressScope(result.facts, scope)));
    if (deps.hints.get("retry", result.retryKey) !== undefined) found.routed.push(result.retryKey);
  };
  return collect;
}

function childNode(child: RouteNode, parent: AddressNode, result: RouteResult): AddressNode {
  const generated = child.result?.kind === "accepted" ? child.result.generated : undefined;
  const router = result.router ?? "";
  const display = generated === undefined ? child.address : generatedName(generated, child.address);
  return {
    display,
    key: child.key,
    parent: { ...parent, router },
    router: "",
    errorsTo: parent.errorsTo,
    ...(parent.dsn === undefined ? {} : { dsn: parent.dsn }),
  };
}

function generatedName(generated: NonNullable<RouteAccepted["generated"]>, address: string): string {
  switch (generated.kind) {
    case "pipe":
      return `|${generated.command}`;
    case "file":
    case "directory":
      return generated.path;
    case "reply":
      return `>${generated.reply.to ?? address}`;
  }
}

function withRouter(self: AddressNode, result: RouteResult): AddressNode {
  return {
    ...self,
    router: result.router ?? "",
    ...(result.silent ? { quiet: true } : {}),
    ...(result.kind === "accepted"
      ? { errorsTo: result.errorsTo ?? self.errorsTo, key: self.parent === undefined ? self.key : result.key }
      : {}),
  };
}

function endOf(result: Exclude<RouteResult, { kind: "accepted" | "redirected" | "copied" }>, node: AddressNode): RoutingEnd {
  switch (result.kind) {
    case "failed":
      return { kind: "failed", node, message: result.logMessage ?? result.message, userMessage: result.message, hidden: result.hidden };
    case "deferred": {
      const early = result.router === undefined && result.message === NOT_REACHED;
      return {
        kind: "deferred",
        node,
        message: result.logMessage ?? result.message,
        userMessage: result.message,
        freeze: result.freeze,
        errno: early ? -52 : result.errno,
        retryKey: early ? undefined : result.retryKey,
        early,
      };
    }
    case "discarded":
      return { kind: "discarded", node, shown: result.reason };
  }
}

function writeNotes(result: RouteResult, context: DeliveryContext, deps: DeliveryDeps): void {
  for (const notes of result.notes) {
    for (const line of notes.log ?? []) deps.log.main(context.envelope.id, line);
    for (const line of notes.panic ?? []) deps.log.panic(context.envelope.id, line);
  }
}

async function routedAddress(result: RouteAccepted, node: AddressNode, scope: Scope): Promise<RoutedAddress> {
  const { identity } = result;
  return {
    ...node,
    transport: result.transport ?? "",
    hosts: result.hosts,
    fallbackHosts: result.fallbackHosts,
    identity: identityOf(identity),
    home: await expandedPath(result.homeTemplate, scope, result.home?.text),
    cwd: await expandedPath(result.cwdTemplate, scope, undefined),
    headersAdd: result.headersAdd,
    headersRemove: result.headersRemove,
    generated: result.generated,
    facts: result.facts,
    address: result.address,
    retryKey: result.retryKey,
    dsnLastHop: result.dsnLasthop,
  };
}

function identityOf(identity: RouteAccepted["identity"]): Identity | undefined {
  if (identity.uid === undefined || identity.gid === undefined) return undefined;
  return {
    uid: identity.uid,
    gid: identity.gid,
    ...(identity.initgroups && identity.login !== undefined ? { initgroups: identity.login } : {}),
  };
}

async function expandedPath(
  template: RouteAccepted["homeTemplate"],
  scope: Scope,
  fallback: string | undefined,
): Promise<string | undefined> {
  if (template === undefined) return fallback;
  const value = await template.evaluate(scope);
  return value.kind === "value" ? value.text : fallback;
}
