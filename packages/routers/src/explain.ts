/** The story of an address: steps for `renderRoute` and trace events, made only when somebody listens. */
import type { TraceEvent } from "@mailkit/sdk";
import type { CompiledRouter } from "./compile.ts";
import type { RouteAccepted, RouteResult, RouteStep } from "./types.ts";
import type { Visit } from "./visit.ts";

export function explained<R extends RouteResult>(router: CompiledRouter, visit: Visit, result: R): R {
  if (!visit.explain) return result;
  switch (result.kind) {
    case "accepted":
      note(router, visit, { result: "accepted", detail: acceptedDetail(result), transport: result.transport });
      break;
    case "redirected": {
      const children = [...result.children.map((child) => child.address), ...result.generated.map((child) => child.address)];
      note(router, visit, { result: "redirect", detail: result.detail ?? children.join(", "), children });
      break;
    }
    case "failed":
    case "deferred":
      note(router, visit, { result: result.kind, detail: result.message });
      break;
    case "discarded":
      note(router, visit, { result: "discarded", detail: result.reason });
      break;
    case "copied":
      break;
  }
  return result;
}

function acceptedDetail(result: RouteAccepted): string {
  const parts = [`transport ${result.transport ?? "unset"}`];
  if (result.detail !== undefined) parts.push(result.detail);
  if (result.where === "local" && result.identity.login !== undefined) parts.push(`as ${result.identity.login}`);
  if (result.facts.routerName !== "" && result.errorsTo !== undefined)
    parts.push(`bounces to ${result.errorsTo === "" ? "nobody" : result.errorsTo}`);
  return parts.join(", ");
}

interface Noted extends Omit<RouteStep, "router"> {
  readonly transport?: string | undefined;
  readonly children?: readonly string[];
}

export function note(router: CompiledRouter, visit: Visit, step: Noted): void {
  if (!visit.explain) return;
  const { transport, children, ...plain } = step;
  const at = step.at ?? router.at;
  visit.steps.push({ router: router.name, at, ...plain });
  const trace = router.host.services.trace;
  if (!trace.on) return;
  const event: TraceEvent = { kind: "route.router", address: visit.request.address, router: router.name, at, ...plain };
  trace.emit({ ...event, ...(transport === undefined ? {} : { transport }), ...(children === undefined ? {} : { children }) });
}
