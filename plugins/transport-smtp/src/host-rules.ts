/** What the options say for one host: lists matched, strings expanded with `$host` of that host. */
import { isIP } from "node:net";
import { childScope, clean, splitList, type HostList, type HostSubject, type HostTarget, type Scope, type Template } from "@mailkit/sdk";
import { defer, done, type Plan, type Step } from "./plan.ts";

export interface HostRules {
  readonly target: HostTarget;
  readonly port: number;
  readonly protocol: "smtp" | "lmtp";
  readonly heloName: string;
  readonly localAddress: string | undefined;
  readonly tls: "never" | "try" | "require" | "immediate";
  readonly auth: "never" | "try" | "require";
  readonly avoidEsmtp: boolean;
  readonly pipelining: boolean;
  readonly chunking: boolean;
  readonly prdr: boolean;
  readonly serialize: boolean;
  readonly passTls: boolean;
  /** With `$host...` of this host. */
  readonly scope: Scope;
}

export async function rulesFor(plan: Plan, target: HostTarget, port: number): Promise<Step<HostRules>> {
  const { options, job } = plan;
  const scope = scopeFor(plan, target, port);
  const matches = hostMatcher(target, scope);
  const helo = await expandText(options.helo_data, scope);
  if (!helo.ok) return defer(`failed to expand helo_data in ${job.transport} transport: ${helo.message}`, -27);
  const local = await chooseInterface(plan, target, scope);
  if (!local.ok) return local;
  const requireTls = await matches(options.hosts_require_tls);
  const avoidTls = !requireTls && (await matches(options.hosts_avoid_tls));
  const requireAuth = await matches(options.hosts_require_auth);
  return done({
    target,
    port,
    protocol: options.protocol === "lmtp" ? "lmtp" : "smtp",
    heloName: helo.text === "" ? (plan.host.setting("primary_hostname") ?? "localhost") : helo.text,
    localAddress: local.value,
    tls: options.protocol === "smtps" ? "immediate" : requireTls ? "require" : avoidTls ? "never" : "try",
    auth: requireAuth ? "require" : (await matches(options.hosts_try_auth)) ? "try" : "never",
    avoidEsmtp: await matches(options.hosts_avoid_esmtp),
    pipelining: !(await matches(options.hosts_avoid_pipelining)),
    chunking: await matches(options.hosts_try_chunking),
    prdr: await matches(options.hosts_try_prdr),
    serialize: await matches(options.serialize_hosts),
    passTls: !(await matches(options.hosts_nopass_tls)) && !(await matches(options.hosts_noproxy_tls)),
    scope,
  });
}

function scopeFor(plan: Plan, target: HostTarget, port: number): Scope {
  const values = new Map([
    ["host", target.name],
    ["host_address", target.address],
    ["host_port", String(port)],
  ]);
  return childScope(plan.host.scope, [
    (name) => {
      const text = values.get(name);
      return text === undefined ? undefined : clean(text);
    },
  ]);
}

/** Does a host list match this host? Unset lists match nothing; a look-up that cannot be answered matches nothing either. */
export function hostMatcher(target: HostTarget, scope: Scope): (list: HostList | undefined) => Promise<boolean> {
  const subject: HostSubject = { address: target.address, names: () => ({ kind: "names", names: [target.name] }) };
  return async (list) => {
    if (list === undefined) return false;
    return (await list.match(subject, scope)).kind === "yes";
  };
}

export type Text = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly message: string };

/** An option as text; unset and forced failure are "". */
export async function expandText(template: Template | undefined, scope: Scope): Promise<Text> {
  if (template === undefined) return { ok: true, text: "" };
  const result = await template.evaluate(scope);
  if (result.kind === "error") return { ok: false, message: result.message };
  return { ok: true, text: result.kind === "value" ? result.text : "" };
}

/** The first address of the right family; none of them = the system chooses (manual §"interface"). */
async function chooseInterface(plan: Plan, target: HostTarget, scope: Scope): Promise<Step<string | undefined>> {
  const text = await expandText(plan.options.interface, scope);
  if (!text.ok) return defer(`failed to expand "interface" option for ${plan.job.transport} transport: ${text.message}`, -27);
  const family = isIP(target.address);
  for (const address of splitList(text.text).items) {
    if (address === "") continue;
    if (isIP(address) === 0)
      return defer(`"${address}" is not a valid IP address for the "interface" option for ${plan.job.transport} transport`, -27);
    if (isIP(address) === family) return done(address);
  }
  return done(undefined);
}
