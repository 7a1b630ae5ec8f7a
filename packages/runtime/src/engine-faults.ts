/** Faults that the packages behind the configuration find in what was read. They are told with those of the reader. */
import { checkAcls, hookOption, HOOKS } from "@mailkit/acl";
import type { AclHook } from "@mailkit/acl";
import type { Configuration } from "@mailkit/config";
import { checkRouters } from "@mailkit/routers";
import type { Diagnostic } from "@mailkit/sdk";

export function engineFaults(config: Configuration): Diagnostic[] {
  return [...checkAcls({ acls: config.acls, hooks: constantHooks(config) }), ...checkRouters(config.routers)];
}

/** Options `acl_...` that are just the name of an ACL. */
function constantHooks({ main, acls }: Configuration): Map<AclHook, string> {
  const hooks = new Map<AclHook, string>();
  for (const hook of HOOKS) {
    if (hook === "unknown" || !main.isSet(hookOption(hook))) continue;
    const name = main.template(hookOption(hook))?.constant;
    if (name !== undefined && acls.has(name)) hooks.set(hook, name);
  }
  return hooks;
}
