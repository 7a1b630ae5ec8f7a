/** Public names of authenticators (manual §"Generic options for authenticators"). */
import type { Position } from "@mailkit/sdk";
import type { Rule } from "./input.ts";

/** Two servers of one mechanism: a client could never reach the second. */
export const authenticatorNames: Rule = ({ configuration, report }) => {
  const servers = new Map<string, { readonly name: string; readonly at: Position }>();
  for (const authenticator of configuration.authenticators) {
    const publicName = String(authenticator.generic["public_name"] ?? authenticator.name).toUpperCase();
    const isServer = (authenticator.optionNames ?? []).some((option) => option.startsWith("server_") && authenticator.isSet(option));
    if (!isServer) continue;
    const first = servers.get(publicName);
    if (first === undefined) servers.set(publicName, authenticator);
    else {
      report.add("MK0308", `authenticators "${first.name}" and "${authenticator.name}" are both servers of ${publicName}`, {
        at: authenticator.at,
        length: authenticator.name.length,
        hint: "a server has one authenticator for each mechanism",
        eximText: `two server authenticators (${first.name} and ${authenticator.name}) have the same public name (${publicName})`,
        eximWhere: "",
      });
    }
  }
};
