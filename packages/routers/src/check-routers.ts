/**
 * Options of routers that do not go together, looked for once at load (names of other drivers are `@mailkit/config`'s
 * matter). The texts that Exim prints for the same faults are given along.
 */
import type { Diagnostic } from "@mailkit/sdk";
import type { RouterInstance } from "@mailkit/config";
import type { GenericRouterOptions } from "./generic-options.ts";

export function checkRouters(routers: readonly RouterInstance[]): readonly Diagnostic[] {
  return routers.flatMap(checkCombinations);
}

function genericOf(router: RouterInstance): GenericRouterOptions {
  return router.generic as unknown as GenericRouterOptions;
}

interface FaultParts {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly eximText?: string;
}

function fault(router: RouterInstance, option: string | undefined, parts: FaultParts): Diagnostic {
  const at = (option === undefined ? undefined : router.position(option)) ?? router.at;
  const eximText = parts.eximText === undefined ? {} : { eximText: parts.eximText, eximWhere: ` for ${router.name} router` };
  const hint = parts.hint === undefined ? {} : { hint: parts.hint };
  return { code: parts.code, severity: "error", message: parts.message, at, ...hint, ...eximText };
}

function checkCombinations(router: RouterInstance): Diagnostic[] {
  const generic = genericOf(router);
  const faults: Diagnostic[] = [];
  if (router.options["one_time"] === true) {
    for (const option of ["headers_add", "headers_remove", "unseen"] as const) {
      if (!router.isSet(option) || generic[option] === false) continue;
      const message = `${option} may not be set on a router with one_time`;
      const eximText =
        option === "unseen"
          ? '"unseen" may not be used with "one_time"'
          : '"headers_add" and "headers_remove" are not permitted with "one_time"';
      faults.push(fault(router, option, { code: "MK0657", message, hint: "it would be lost after the first attempt", eximText }));
    }
  }
  if (router.options["allow_filter"] === true && !generic.check_local_user && generic.user === undefined) {
    const message = "allow_filter needs check_local_user or user: filters run as somebody";
    faults.push(
      fault(router, "allow_filter", { code: "MK0658", message, eximText: '"user" or "check_local_user" must be set with "allow_filter"' }),
    );
  }
  for (const { name } of generic.set) {
    if (/^r_[A-Za-z0-9_]+$/.test(name)) continue;
    faults.push(fault(router, "set", { code: "MK0659", message: `set: variable names begin with r_, not "${name}"` }));
  }
  return faults;
}
