/** Options that Exim knows and mailkit does not follow: said once for each setting, never passed over in silence. */
import { writtenSettings, type Rule } from "./input.ts";

export const missingOptions: Rule = (input) => {
  for (const { setting, owner } of writtenSettings(input)) {
    const { missing } = setting.spec;
    if (missing === undefined || setting.value === setting.spec.default) continue;
    const code = missing.how === "refuse" ? "MK0121" : "MK0120";
    const message = `${setting.name} of ${owner} is not supported: ${missing.why}`;
    input.report.add(code, message, { at: setting.at, length: setting.name.length, hint: "take the line out" });
  }
};
