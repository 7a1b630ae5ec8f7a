/**
 * The output of `exim -bt` and `-bv`, octet for octet: what failed, was deferred or discarded and what goes to pipes and
 * files as it was met, then local and remote deliveries, the last one routed first.
 */
import type { HostTarget } from "@mailkit/sdk";
import { walkTree } from "./tree.ts";
import type { RouteAccepted, RouteNode } from "./types.ts";
import type { VerifyRouting } from "./verify.ts";

export interface Rendered {
  readonly text: string;
  /** 0; 1 = something was deferred; 2 = something failed. */
  readonly exitCode: 0 | 1 | 2;
}

/** For one address of the command line: the nodes that `routeAll` gave for it. `verifying`: -v -bv. */
export function renderBt(nodes: readonly RouteNode[], verifying = false): Rendered {
  let text = "";
  let exitCode: Rendered["exitCode"] = 0;
  const local: [RouteNode, RouteAccepted][] = [];
  const remote: [RouteNode, RouteAccepted][] = [];
  for (const node of walkTree(nodes)) {
    const { result } = node;
    if (result === undefined) continue;
    switch (result.kind) {
      case "failed":
        exitCode = 2;
        text += `${result.address} ${verifying ? "failed to verify" : "is undeliverable"}: ${result.message}\n${parents(node)}`;
        break;
      case "deferred":
        if (exitCode === 0) exitCode = 1;
        text += `${result.address} cannot be resolved at this time: ${result.message}\n${parents(node)}`;
        break;
      case "discarded":
        text += `mail to ${result.address} is discarded\n`;
        break;
      case "accepted":
        if (result.generated !== undefined) text += generatedText(node, result);
        else (result.where === "remote" ? remote : local).push([node, result]);
        break;
      case "redirected":
      case "copied":
        break;
    }
  }
  const seen = new Set<string>();
  for (const [node, result] of [...local.reverse(), ...remote.reverse()]) text += acceptedText(node, result, seen);
  return { text, exitCode };
}

/** `-bv` and `-bvs` without -v: one line for the address of the command line. */
export function renderBv(address: string, verified: VerifyRouting): Rendered {
  switch (verified.kind) {
    case "ok":
      return { text: `${address} verified\n`, exitCode: 0 };
    case "failed":
      return { text: `${address} failed to verify: ${verified.message}\n`, exitCode: 2 };
    case "deferred":
      return { text: `${address} cannot be resolved at this time: ${verified.message}\n`, exitCode: 1 };
  }
}

function parents(node: RouteNode): string {
  return node.ancestors.map((ancestor) => `    <-- ${ancestor}\n`).join("");
}

function generatedText(node: RouteNode, result: RouteAccepted): string {
  const text = `${node.ancestors[0] ?? ""} -> ${result.address}`;
  if (result.problem?.kind === "failed") return `${text} *** forbidden ***\n`;
  if (result.problem !== undefined) return `${text}\n*** Error in setting up pipe, file, or autoreply:\n${result.problem.message}\n`;
  return `${text}\n  transport = ${result.transport ?? "unset"}\n`;
}

function acceptedText(node: RouteNode, result: RouteAccepted, seen: Set<string>): string {
  const duplicate = seen.has(result.key) ? "   [duplicate, would not be delivered]" : "";
  seen.add(result.key);
  const head = `${result.address}${duplicate}\n${parents(node)}`;
  return `${head}  router = ${result.router}, transport = ${result.transport ?? "unset"}\n${hostLines(result.hosts)}`;
}

/** Width of an address that is not known, without its brackets. */
const NO_ADDRESS = 7;

function hostLines(hosts: readonly HostTarget[]): string {
  const nameWidth = Math.max(0, ...hosts.map((host) => host.name.length));
  const addressWidth = Math.max(0, ...hosts.map((host) => (host.address === "" ? NO_ADDRESS : host.address.length))) + 2;
  return hosts
    .map((host) => {
      const address = host.address === "" ? "" : `[${host.address}]`;
      const mx = host.mx === undefined ? "" : ` MX=${host.mx}`;
      const port = host.port === undefined ? "" : ` port=${host.port}`;
      const secure = host.secure === true ? " AD" : "";
      return `  host ${host.name.padEnd(nameWidth)} ${address.padEnd(addressWidth)}${mx}${port}${secure}\n`;
    })
    .join("");
}
