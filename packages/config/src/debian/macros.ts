/** The macros that Debian's generator makes of `update-exim4.conf.conf`, as seen on exim4-config 4.96-15. */
export interface DebianFacts {
  /** First word of /etc/mailname, else the host name. */
  readonly mailname: string;
  /** `hostname --fqdn`; without a dot it is not used. */
  readonly fqdn: string;
  /** What reads the folder; the generator tells the version of Debian's package. */
  readonly version: string;
}

type Macro = readonly [name: string, value: string];

export function debianMacros(settings: ReadonlyMap<string, string>, { mailname, fqdn, version }: DebianFacts): string {
  const of = (name: string): string => settings.get(`dc_${name}`) ?? "";
  const type = of("eximconfig_configtype");
  // Neither configured nor called otherwise: the generator leaves the text as it is.
  if (type === "" || type === "none") return PLACED;
  const hides = of("hide_mailname") === "true" && (type === "smarthost" || type === "satellite");
  const macros: Macro[] = [
    ...only(of("local_interfaces") !== "", ["MAIN_LOCAL_INTERFACES", withHead(of("local_interfaces"))]),
    ...only(of("minimaldns") === "true", ["DC_minimaldns", "1"]),
    ...only(of("minimaldns") === "true" && fqdn.includes("."), ["MAIN_HARDCODE_PRIMARY_HOSTNAME", fqdn]),
    ...only(hides, ["HIDE_MAILNAME", "1"]),
    ["MAIN_PACKAGE_VERSION", version],
    ["MAIN_LOCAL_DOMAINS", ["@", "localhost", colons(of("other_hostnames"))].filter((item) => item !== "").join(":")],
    ["MAIN_RELAY_TO_DOMAINS", withHead(of("relay_domains"))],
    ["ETC_MAILNAME", mailname],
    ["LOCAL_DELIVERY", of("localdelivery") || "mail_spool"],
    ["MAIN_RELAY_NETS", relayNets(of("relay_nets"))],
    ["DCreadhost", of("readhost")],
    ["DCsmarthost", colons(of("smarthost"))],
    ["DC_eximconfig_configtype", type],
    [`DCconfig_${type}`, "1"],
  ];
  return PLACED + macros.map(([name, value]) => `.ifndef ${name}\n${name}=${value}\n.endif\n`).join("");
}

/** The line in the template behind which the generator puts its macros. */
const PLACED = "UPEX4CmacrosUPEX4C = 1\n";

function only(when: boolean, macro: Macro): readonly Macro[] {
  return when ? [macro] : [];
}

/** Lists of the file are separated by semicolons, or in old files by colons. */
function withHead(list: string): string {
  return list.includes(";") && !hasHead(list) ? `<; ${list}` : list;
}

function hasHead(list: string): boolean {
  return list.trimStart().startsWith("<;");
}

function colons(list: string): string {
  return list.replaceAll(";", ":");
}

/** This host may always relay. */
function relayNets(list: string): string {
  if (list.includes(";")) return `${withHead(list)} ; 127.0.0.1 ; ::1`;
  return `${list === "" ? "" : `${list} `}: 127.0.0.1 : ::::1`;
}
