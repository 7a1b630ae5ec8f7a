/** From items to children: qualification, ancestors, transports for pipes and files, what is forbidden. */
import { chain, lower, mapInOrder, splitAddress } from "@mailkit/sdk";
import type { ChildAddress, ChildExtra, Maybe, RouterOutcome, Template } from "@mailkit/sdk";
import { qualify } from "@mailkit/message";
import type { Item } from "./items.ts";
import type { Call } from "./source.ts";

/** Domain for addresses without one, or the outcome when it cannot be said (manual, `qualify_domain`). */
export function qualifyDomain({ address, own, host }: Call): Maybe<string | RouterOutcome> {
  if (own.qualify_preserve_domain) return address.domain;
  const template = own.qualify_domain;
  if (template === undefined) return host.setting("qualify_recipient") ?? "";
  return chain(host.expand(template), (result): string | RouterOutcome => {
    if (result.kind === "value") return result.text;
    if (result.kind === "forcedFailure") return { kind: "decline", reason: `qualify_domain: ${result.message}` };
    return { kind: "defer", message: `failed to expand "${template.source}": ${result.message}` };
  });
}

export type Deliverable = Extract<Item, { kind: "address" | "pipe" | "file" }>;

export function childOf(item: Deliverable, domain: string, { address, own }: Call): ChildAddress {
  if (item.kind === "pipe") return { kind: "pipe", command: item.command };
  if (item.kind === "file") return { kind: item.path.endsWith("/") ? "directory" : "file", path: item.path };
  const whole = qualify(item.address, item.backslash ? address.domain : domain);
  const ancestor = own.check_ancestor && address.ancestors.some((known) => sameAddress(known, whole));
  return { kind: "address", address: ancestor ? address.address : whole };
}

/** Local parts are compared as they were written: another router may tell them apart (manual, `check_ancestor`). */
function sameAddress(a: string, b: string): boolean {
  const [x, y] = [splitAddress(a), splitAddress(b)];
  return x.localPart === y.localPart && lower(x.domain) === lower(y.domain);
}

interface Way {
  readonly option: "pipe_transport" | "file_transport" | "directory_transport" | "reply_transport";
  readonly forbidden: boolean;
}

function wayOf(child: ChildAddress, { own }: Call): Way | undefined {
  switch (child.kind) {
    case "address":
      return undefined;
    case "pipe":
      return { option: "pipe_transport", forbidden: own.forbid_pipe || own.one_time };
    case "file":
      return { option: "file_transport", forbidden: own.forbid_file || own.one_time };
    case "directory":
      return { option: "directory_transport", forbidden: own.forbid_file || own.one_time };
    case "reply":
      return { option: "reply_transport", forbidden: own.forbid_filter_reply || own.one_time };
  }
}

/**
 * Names the transports of pipes, files and replies; a child without one is a delivery that is deferred by itself. So is
 * one whose command or path came from outside: no transport could tell any more.
 */
export function withTransports(children: readonly ChildAddress[], call: Call, tainted = false): Maybe<readonly ChildAddress[]> {
  if (children.every((child) => child.kind === "address")) return children;
  return mapInOrder(children, (child) => {
    const way = wayOf(child, call);
    if (way === undefined) return child;
    const add = (extra: ChildExtra): ChildAddress => ({ ...child, extra: { ...child.extra, ...extra } });
    const forbidden = way.forbidden ? { forbidden: true } : {};
    const template = call.own[way.option];
    if (child.extra?.transport !== undefined) return add(forbidden);
    if (template === undefined) return add(way.forbidden ? forbidden : { error: `${way.option} unset in ${call.address.router} router` });
    return chain(transportName(template, call), (name) => {
      if ("error" in name) return add(name);
      const refused = tainted ? { error: taintText(child, name.transport) } : {};
      return add({ ...name, ...forbidden, ...refused });
    });
  });
}

function taintText(child: ChildAddress, transport: string): string {
  if (child.kind === "file" || child.kind === "directory") {
    return `Tainted '${child.path}' (file or directory name for ${transport} transport) not permitted`;
  }
  return `Tainted '${child.kind === "pipe" ? child.command : ""}' (command for ${transport} transport) not permitted`;
}

function transportName(template: Template, { address, host }: Call): Maybe<{ readonly transport: string } | { readonly error: string }> {
  if (template.constant !== undefined) return { transport: template.constant };
  return chain(host.expand(template), (result) =>
    result.kind === "value"
      ? { transport: result.text }
      : { error: `failed to expand transport "${template.source}" in ${address.router} router: ${result.message}` },
  );
}
