/**
 * What the generic options add to an address that was taken: errors address, header changes, identity. Expanded in the
 * fixed order errors_to, headers_add, headers_remove, and not at all when an address is only verified.
 */
import { chain, mapInOrder, trimSpace } from "@mailkit/sdk";
import type { Maybe, Template } from "@mailkit/sdk";
import { qualify } from "@mailkit/message";
import type { CompiledRouter } from "./compile.ts";
import { deferred, isVerify } from "./results.ts";
import type { RouteDeferred, RouteIdentity } from "./types.ts";
import type { Visit } from "./visit.ts";

export interface Extras {
  readonly errorsTo: string | undefined;
  readonly headersAdd: readonly string[];
  readonly headersRemove: readonly string[];
  readonly identity: RouteIdentity;
}

interface Fault {
  readonly fault: string;
}

export function withExtras<T>(router: CompiledRouter, visit: Visit, use: (extras: Extras) => Maybe<T>): Maybe<T | RouteDeferred> {
  const identity = router.identity(visit.facts.account, visit.scope);
  return chain(identity, (who) => {
    if ("fault" in who) return panicked(router, visit, who.fault);
    const own = { errorsTo: visit.errorsTo, headersAdd: visit.headersAdd, headersRemove: visit.headersRemove, identity: who };
    if (!router.hasExtras || isVerify(visit)) return use(own);
    return chain(errorsTo(router, visit), (errors) =>
      typeof errors === "object"
        ? deferred(router, visit, errors.fault)
        : chain(headers(router, visit, "add"), (add) =>
            "fault" in add
              ? deferred(router, visit, add.fault)
              : chain(headers(router, visit, "remove"), (remove) =>
                  "fault" in remove
                    ? deferred(router, visit, remove.fault)
                    : use({
                        errorsTo: errors,
                        headersAdd: [...visit.headersAdd, ...add],
                        headersRemove: [...visit.headersRemove, ...remove],
                        identity: who,
                      }),
                ),
          ),
    );
  });
}

function panicked(router: CompiledRouter, visit: Visit, message: string): RouteDeferred {
  visit.notes.push({ log: [message], panic: [message] });
  return deferred(router, visit, message);
}

/** Used only if it verifies; "" and `<>` discard bounces (manual §"Generic options for routers", `errors_to`). */
function errorsTo(router: CompiledRouter, visit: Visit): Maybe<string | undefined | Fault> {
  const template = router.generic.errors_to;
  if (template === undefined) return visit.errorsTo;
  return chain(template.evaluate(visit.scope), (result): Maybe<string | undefined | Fault> => {
    if (result.kind === "forcedFailure") return visit.errorsTo;
    if (result.kind === "error") return { fault: `${router.name} router failed to expand "${template.source}": ${result.message}` };
    const text = trimSpace(result.text);
    if (text === "" || text === "<>") return "";
    const address = qualify(text, router.host.setting("qualify_domain") ?? "");
    return chain(router.verifyErrorsTo(address, visit), (verifies) => (verifies ? address : visit.errorsTo));
  });
}

function headers(router: CompiledRouter, visit: Visit, which: "add" | "remove"): Maybe<readonly string[] | Fault> {
  const templates = which === "add" ? router.headersAdd : router.headersRemove;
  if (templates.length === 0) return NONE;
  let fault: Fault | undefined;
  const texts = mapInOrder(templates, (template: Template) => {
    if (fault !== undefined) return "";
    return chain(template.evaluate(visit.scope), (result) => {
      if (result.kind === "value") return result.text;
      if (result.kind === "error") {
        const what = which === "add" ? "add_headers" : "remove_headers";
        fault = { fault: `${router.name} router failed to expand ${what} item "${template.source}": ${result.message}` };
      }
      return "";
    });
  });
  return chain(texts, (items) => fault ?? items.filter((item) => trimSpace(item) !== ""));
}

const NONE: readonly string[] = [];
