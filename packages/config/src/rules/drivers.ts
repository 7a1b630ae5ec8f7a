/** What drivers themselves check, and which of them need a transport. */
import type { Diagnostic, Position } from "@mailkit/sdk";
import { nearest } from "@mailkit/sdk";
import { instancesOf, settingPlace, type Rule } from "./input.ts";

type Check = (
  options: unknown,
  instance: { readonly name: string; readonly at: Position; readonly isSet: (option: string) => boolean },
) => readonly Diagnostic[];

/** `check` of each driver. Its words are Exim's where Exim has some: `Exim configuration error for NAME router`. */
export const driverChecks: Rule = (input) => {
  for (const [kind, instance] of instancesOf(input)) {
    const { name, at, isSet } = instance;
    const check = instance.driver.check as Check | undefined;
    for (const diagnostic of check?.(instance.options, { name, at, isSet }) ?? []) {
      const eximWhere =
        diagnostic.eximText === undefined || diagnostic.eximWhere !== undefined ? {} : { eximWhere: ` for ${name} ${kind}` };
      input.report.take({ ...diagnostic, at: diagnostic.at ?? at, ...eximWhere });
    }
  }
};

const SELF_WORDS = ["freeze", "defer", "pass", "fail", "send", "reroute"];
const SELF = /^(?:freeze|defer|pass|fail|send|reroute:.*)$/s;

/** `self` (manual §"Generic options for routers"): a word, or `reroute:` and a domain. */
export const selfValues: Rule = (input) => {
  for (const draft of input.drafts.router) {
    const setting = draft.settings.get("self");
    if (setting === undefined || SELF.test(setting.located.text)) continue;
    const near = nearest(setting.located.text, SELF_WORDS);
    const all = "one of freeze, defer, pass, fail, send, reroute: domain";
    input.report.add("MK0656", `self cannot be "${setting.located.text}"`, {
      ...settingPlace(setting),
      hint: near === undefined ? all : `did you mean "${near}"? (${all})`,
      eximText: `${setting.located.text} is not valid for the self option`,
      eximWhere: ` for ${draft.name} router`,
    });
  }
};

/** A shadow is written beside a local delivery only (manual §"Generic options for transports"). */
export const shadowTransports: Rule = (input) => {
  for (const draft of input.drafts.transport) {
    const setting = draft.settings.get("shadow_transport");
    if (setting === undefined || draft.driver?.where !== "remote") continue;
    input.report.add("MK0309", `transport "${draft.name}" is not local and cannot have a shadow`, {
      ...settingPlace(setting),
      hint: "take shadow_transport out",
      eximText: `shadow transport not allowed on non-local transport ${draft.name}`,
      eximWhere: "",
    });
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
