/** docs/options.md: every option, from the tables that also parse them. */
import type { OptionSpec, OptionTable } from "../../packages/sdk/src/index.ts";
import { genericAuthenticator } from "../../packages/auths/src/index.ts";
import { MAIN_OPTIONS, showTime } from "../../packages/config/src/index.ts";
import { genericRouterOptions } from "../../packages/routers/src/index.ts";
import { firstPartyDrivers } from "../../packages/runtime/src/index.ts";
import { genericTransportOptions } from "../../packages/transports/src/index.ts";
import { code, GENERATED, table } from "./table.ts";

export function optionsPage(): string {
  const { routers, transports, authenticators } = firstPartyDrivers();
  const drivers = (title: string, generic: OptionTable, all: ReadonlyMap<string, { readonly options: OptionTable }>): string => {
    const own = [...all].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, { options }]) => section(`### ${name}`, options));
    return `## ${title}\n\n${section("### All of them", generic)}\n${own.join("\n")}`;
  };
  return (
    GENERATED +
    "# Options\n\nNames and meanings are Exim's; its manual tells the whole story of each. What a note calls missing is accepted, so that a\n" +
    "configuration loads, and reported by `mailkit check`; what it calls refused is an error.\n\n" +
    `${section("## Main options", MAIN_OPTIONS)}\n` +
    `${drivers("Routers", genericRouterOptions, routers)}\n` +
    `${drivers("Transports", genericTransportOptions, transports)}\n` +
    drivers("Authenticators", genericAuthenticator, authenticators)
  );
}

function section(heading: string, options: OptionTable): string {
  const names = Object.keys(options).sort((a, b) => (a < b ? -1 : 1));
  if (names.length === 0) return `${heading}\n\nNo options of its own.\n`;
  const rows = names.map((name) => {
    const spec = options[name] as OptionSpec;
    return [code(name), typeText(spec), code(defaultText(spec)), docText(spec)];
  });
  return `${heading}\n\n${table(["option", "type", "default", ""], rows)}`;
}

const TYPES: Readonly<Record<OptionSpec["type"], string>> = {
  string: "string",
  expanded: "string, expanded",
  boolean: "boolean",
  expandedBoolean: "boolean, or expanded",
  integer: "integer",
  octal: "octal integer",
  fixed: "fixed-point",
  time: "time",
  stringList: "string list",
  domainList: "domain list",
  hostList: "host list",
  addressList: "address list",
  localPartList: "local part list",
  user: "user",
  group: "group",
  oneOf: "one of",
  rewrites: "rewriting rules",
  variables: "variables",
};

function typeText({ type, values, repeat }: OptionSpec): string {
  const named = type === "oneOf" ? `one of ${(values ?? []).map(code).join(", ")}` : TYPES[type];
  return repeat === undefined ? named : `${named}; may be repeated`;
}

function defaultText({ type, default: value, shown }: OptionSpec): string {
  if (value === undefined || value === null) return typeof shown === "function" ? "depends on others" : (shown ?? "");
  if (typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return value.join(" : ");
  if (typeof value !== "number") return String(value);
  if (type === "time") return showTime(value);
  return type === "octal" ? `0${value.toString(8)}` : String(value);
}

function docText({ doc, alias, missing }: OptionSpec): string {
  const other = alias === undefined ? "" : ` Another name of ${code(alias)}.`;
  if (missing === undefined) return doc + other;
  return `${doc}${other} **${missing.how === "refuse" ? "Refused" : "Missing"}:** ${missing.why}.`;
}
