/** Names that options give to routers and transports. */
import { nearest } from "@mailkit/sdk";
import { settingPlace, type Rule, type RuleInput } from "./input.ts";
import type { Setting } from "../values/settings.ts";

/** `pass_router`, `redirect_router`: the router must exist; a passed address can only go down (manual §"pass_router"). */
export const routerNames: Rule = (input) => {
  const names = input.configuration.routers.map((router) => router.name);
  input.drafts.router.forEach((draft) => {
    for (const option of ["pass_router", "redirect_router"]) {
      const setting = draft.settings.get(option);
      if (setting === undefined) continue;
      const target = setting.located.text;
      const index = names.indexOf(target);
      if (index < 0) {
        const near = nearest(target, names);
        input.report.add("MK0311", `${option} of router "${draft.name}" names no router: "${target}"`, {
          ...settingPlace(setting),
          hint: near === undefined ? `routers: ${names.join(", ")}` : `did you mean "${near}"?`,
          eximText: `new_router "${target}" not found for "${draft.name}" router`,
          eximWhere: "",
        });
      } else if (option === "pass_router" && index <= names.indexOf(draft.name)) {
        input.report.add("MK0312", `pass_router of router "${draft.name}" points upward, to "${target}"`, {
          ...settingPlace(setting),
          hint: "a passed address goes to a later router only",
          eximText: `new_router "${target}" does not follow "${draft.name}" router`,
          eximWhere: "",
        });
      }
    }
  });
};

/** `transport` and its like: a fixed name must be that of a transport. Exim finds this out when it delivers. */
export const transportNames: Rule = (input) => {
  for (const draft of input.drafts.router) {
    for (const [option, setting] of draft.settings) {
      if (option === "transport" || option.endsWith("_transport")) checkTransport(setting, `router "${draft.name}"`, input);
    }
  }
  for (const draft of input.drafts.transport) {
    const shadow = draft.settings.get("shadow_transport");
    if (shadow !== undefined) checkTransport(shadow, `transport "${draft.name}"`, input);
  }
  for (const [option, setting] of input.settings) {
    if (/^system_filter_.*_transport$/.test(option)) checkTransport(setting, "the main part", input);
  }
};

function checkTransport(setting: Setting, owner: string, { drafts, report }: RuleInput): void {
  const name = setting.located.text;
  if (name === "" || /[$\\]/.test(name)) return;
  const names = drafts.transport.map((draft) => draft.name);
  if (names.includes(name)) return;
  const near = nearest(name, names);
  report.add("MK0310", `${setting.name} of ${owner} names no transport: "${name}"`, {
    ...settingPlace(setting),
    hint: near === undefined ? `add a transport "${name}" to the transports section` : `did you mean "${near}"?`,
  });
}
