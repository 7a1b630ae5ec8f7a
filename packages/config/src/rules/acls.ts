/** Names of ACLs in options and ACLs, and expansions in ACL items. */
import { nearest } from "@mailkit/sdk";
import { ACL_OPTIONS } from "../main-options.ts";
import { ACL_VERBS } from "../sections/acl.ts";
import { settingPlace, type Rule } from "./input.ts";

/** A fixed word that is no file, no ACL and no verb makes every message of that stage a temporary error. */
export const aclNames: Rule = ({ configuration, settings, report }) => {
  const { acls } = configuration;
  for (const option of ACL_OPTIONS) {
    const setting = settings.get(option);
    const name = setting?.located.text ?? "";
    if (setting !== undefined && isUnknown(name, acls)) {
      report.add("MK0510", `${option} names no ACL: "${name}"`, { ...settingPlace(setting), hint: hintFor(name, acls.keys()) });
    }
  }
  for (const acl of acls.values()) {
    for (const item of acl.statements.flatMap((statement) => statement.items)) {
      const name = item.name === "acl" ? (item.value.split(/\s/)[0] ?? "") : "";
      if (!isUnknown(name, acls)) continue;
      report.add("MK0510", `this condition names no ACL: "${name}"`, {
        at: item.locate?.(0) ?? item.at,
        length: name.length,
        hint: hintFor(name, acls.keys()),
      });
    }
  }
};

function isUnknown(name: string, acls: ReadonlyMap<string, unknown>): boolean {
  if (name === "" || /[\s$/]/.test(name) || acls.has(name)) return false;
  return !(ACL_VERBS as readonly string[]).includes(name);
}

function hintFor(name: string, names: Iterable<string>): string {
  const near = nearest(name, names);
  return near === undefined ? `add an ACL "${name}:" to the acl section` : `did you mean "${near}"?`;
}

/** Syntax of the expansions in ACL items. */
export const aclTexts: Rule = ({ configuration, compilers, report }) => {
  for (const acl of configuration.acls.values()) {
    for (const statement of acl.statements) {
      for (const item of statement.items) {
        if (!/[$\\]/.test(item.value)) continue;
        const { fault } = compilers.template(item.value, item.at);
        if (fault === undefined) continue;
        report.add("MK0401", `${item.name} in ACL "${acl.name}": ${fault.message}`, {
          at: item.locate?.(fault.offset) ?? item.at,
          length: 1,
          hint: fault.hint,
        });
      }
    }
  }
};
