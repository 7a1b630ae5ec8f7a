/** What drivers themselves check, and which of them need a transport. */
import { instancesOf, settingPlace, type Rule } from "./input.ts";

/** `check` of each driver. Its words are Exim's where Exim has some: `Exim configuration error for NAME router`. */
export const driverChecks: Rule = (input) => {
  for (const [kind, instance] of instancesOf(input)) {
    const { name, at, isSet } = instance;
    const check = instance.driver.check as
      | ((options: unknown, about: { name: string; at: typeof at; isSet: typeof isSet }) => readonly import("@mailkit/sdk").Diagnostic[])
      | undefined;
    for (const diagnostic of check?.(instance.options, { name, at, isSet }) ?? []) {
      const eximWhere = diagnostic.eximText === undefined || diagnostic.eximWhere !== undefined ? {} : { eximWhere: ` for ${name} ${kind}` };
      input.report.take({ ...diagnostic, at: diagnostic.at ?? at, ...eximWhere });
    }
  }
};

/** Manual, chapters of the single routers: these have no result without a transport. */
const NEED = new Set(["accept", "dnslookup", "ipliteral"]);
const FORBID = new Set(["redirect"]);

export const routerTransports: Rule = (input) => {
  for (const draft of input.drafts.router) {
    const driver = draft.driverName ?? "";
    const transport = draft.settings.get("transport");
    const verifyOnly = draft.settings.get("verify_only")?.value === true;
    if (NEED.has(driver) && transport === undefined && !verifyOnly) {
      input.report.add("MK0306", `router "${draft.name}" (${driver}) has no transport`, {
        at: draft.at,
        length: draft.name.length,
        hint: "add transport = name, or verify_only",
        eximText: `${draft.name} router:\n  a transport is required for this router`,
        eximWhere: "",
      });
    } else if (FORBID.has(driver) && transport !== undefined) {
      input.report.add("MK0307", `router "${draft.name}" (${driver}) cannot have a transport`, {
        ...settingPlace(transport),
        hint: "for pipes, files and replies: pipe_transport, file_transport, directory_transport, reply_transport",
        eximText: `${draft.name} router:\n  a transport must not be defined for this router`,
        eximWhere: "",
      });
    }
  }
};
