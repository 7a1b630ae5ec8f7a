/** The scope in which a transport's options are evaluated: what §"Expansion variables derived from the address" says of batches. */
import { childScope, clean, EMPTY, equalCaseless, type HostTarget, type Scope, type Text, type VariableSource } from "@mailkit/sdk";
import type { AttemptRequest } from "./types.ts";

/** What is known only in the course of the attempt; written by the runner alone. */
export interface AttemptVariables {
  home: string | undefined;
  returnPath: string;
}

/** What the variables of an attempt, or of a callout, are made of. */
export type ScopeSource = Pick<AttemptRequest, "scope" | "instance" | "recipients" | "hosts" | "router" | "generated">;

export function attemptScope(request: ScopeSource, variables: AttemptVariables): Scope {
  return childScope(request.scope, [batchSource(request), transportSource(request, variables), hostSource(request.hosts[0])], true);
}

/** The same with `$host...` of one host. */
export function hostScope(scope: Scope, host: HostTarget): Scope {
  return childScope(scope, [hostSource(host)]);
}

function hostSource(host: HostTarget | undefined): VariableSource {
  if (host === undefined) return () => undefined;
  return (name) => {
    if (!name.startsWith("host")) return undefined;
    if (name === "host") return clean(host.name);
    if (name === "host_address") return clean(host.address);
    if (name === "host_port") return clean(host.port === undefined ? "" : String(host.port));
    return undefined;
  };
}

function transportSource(request: ScopeSource, variables: AttemptVariables): VariableSource {
  const fixed = new Map<string, Text>([
    ["transport_name", clean(request.instance.name)],
    ["router_name", clean(request.router.name)],
  ]);
  const { generated } = request;
  if (generated?.kind === "pipe") fixed.set("address_pipe", clean(`|${generated.command}`));
  if (generated?.kind === "file" || generated?.kind === "directory") fixed.set("address_file", clean(generated.path));
  return (name) => {
    if (name === "home") return variables.home === undefined ? undefined : clean(variables.home);
    // The sender came from outside.
    if (name === "return_path") return { text: variables.returnPath, tainted: true };
    return fixed.get(name);
  };
}

/** With several addresses nothing of a single local part is visible, and `$domain` only when all have the same. */
function batchSource(request: ScopeSource): VariableSource {
  const first = request.recipients[0];
  if (request.recipients.length < 2 || first === undefined) return () => undefined;
  const sameDomain = request.recipients.every((other) => equalCaseless(other.facts.domain, first.facts.domain));
  return (name) => {
    if (name === "domain" || name === "domain_data") return sameDomain ? undefined : EMPTY;
    return name.startsWith("local_part") || name.startsWith("original_") || name.startsWith("parent_") ? EMPTY : undefined;
  };
}
