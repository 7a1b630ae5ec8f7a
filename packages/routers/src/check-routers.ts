/**
 * Faults that show only when routers and transports are seen together. Called once at load; codes from MK0651 on belong to
 * routers. The texts that Exim prints for the same faults are given along.
 */
import { nearest } from "@mailkit/sdk";
import type { Diagnostic } from "@mailkit/sdk";
import type { RouterInstance } from "@mailkit/config";
import type { GenericRouterOptions } from "./generic-options.ts";
import { isSelf } from "./self.ts";

/** Drivers that never hand an address to the generic `transport`. */
const REDIRECTING = new Set(["redirect"]);

export function checkRouters(routers: readonly RouterInstance[], transports: ReadonlySet<string>): readonly Diagnostic[] {
  const names = routers.map((router) => router.name);
  return routers.flatMap((router, index) => [
    ...checkTransport(router, transports),
    ...checkNames(router, index, names),
    ...checkCombinations(router),
  ]);
}

function genericOf(router: RouterInstance): GenericRouterOptions {
  return router.generic as unknown as GenericRouterOptions;
}

interface FaultParts {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly eximText?: string;
  /** Where Exim says it is: " for r1 router" unless it says so in the text. */
  readonly eximWhere?: "";
}

function fault(router: RouterInstance, option: string | undefined, parts: FaultParts): Diagnostic {
  const at = (option === undefined ? undefined : router.position(option)) ?? router.at;
  const where = parts.eximWhere ?? ` for ${router.name} router`;
  const eximText = parts.eximText === undefined ? {} : { eximText: parts.eximText, eximWhere: where };
  const hint = parts.hint === undefined ? {} : { hint: parts.hint };
  return { code: parts.code, severity: "error", message: parts.message, at, ...hint, ...eximText };
}

function checkTransport(router: RouterInstance, transports: ReadonlySet<string>): Diagnostic[] {
  const generic = genericOf(router);
  const set = generic.transport;
  if (REDIRECTING.has(router.driver.name)) {
    if (set === undefined) return [];
    const message = `router "${router.name}" redirects, so it may not have "transport"`;
    const hint = "write pipe_transport, file_transport or reply_transport";
    return [
      fault(router, "transport", {
        code: "MK0651",
        message,
        hint,
        eximText: `${router.name} router:\n  a transport must not be defined for this router`,
        eximWhere: "",
      }),
    ];
  }
  if (set === undefined) {
    if (generic.verify_only || namesTransports(router)) return [];
    const message = `router "${router.name}" needs a transport`;
    return [
      fault(router, undefined, {
        code: "MK0652",
        message,
        hint: "write transport = NAME, or verify_only",
        eximText: `${router.name} router:\n  a transport is required for this router`,
        eximWhere: "",
      }),
    ];
  }
  if (set.constant === undefined || transports.has(set.constant)) return [];
  const near = nearest(set.constant, transports);
  const message = `router "${router.name}" names a transport that does not exist: "${set.constant}"`;
  const hint = near === undefined ? "define it after begin transports" : `did you mean "${near}"?`;
  return [fault(router, "transport", { code: "MK0653", message, hint })];
}

/** Drivers whose rules or answers can name a transport. */
function namesTransports(router: RouterInstance): boolean {
  return router.driver.needs.includes("transports");
}

function checkNames(router: RouterInstance, index: number, names: readonly string[]): Diagnostic[] {
  const generic = genericOf(router);
  const faults: Diagnostic[] = [];
  for (const option of ["pass_router", "redirect_router"] as const) {
    const wanted = generic[option];
    if (wanted === undefined) continue;
    const place = names.indexOf(wanted);
    if (place < 0) {
      const near = nearest(wanted, names);
      const hint = near === undefined ? "the name must be that of a router" : `did you mean "${near}"?`;
      const eximText = `new_router "${wanted}" not found for "${router.name}" router`;
      faults.push(
        fault(router, option, { code: "MK0654", message: `${option}: there is no router "${wanted}"`, hint, eximText, eximWhere: "" }),
      );
    } else if (option === "pass_router" && place <= index) {
      const message = `pass_router: router "${wanted}" does not stand below "${router.name}"`;
      const eximText = `new_router "${wanted}" does not follow "${router.name}" router`;
      faults.push(
        fault(router, option, {
          code: "MK0655",
          message,
          hint: "passing goes down only, so that there are no loops",
          eximText,
          eximWhere: "",
        }),
      );
    }
  }
  return faults;
}

function checkCombinations(router: RouterInstance): Diagnostic[] {
  const generic = genericOf(router);
  const faults: Diagnostic[] = [];
  if (generic.self !== undefined && !isSelf(generic.self)) {
    const message = `self: "${generic.self}" is not one of freeze, defer, pass, fail, send, reroute: domain`;
    faults.push(fault(router, "self", { code: "MK0656", message, eximText: `${generic.self} is not valid for the self option` }));
  }
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
