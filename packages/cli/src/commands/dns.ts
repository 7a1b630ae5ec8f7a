/** `mailkit dns`: how mail for a domain finds its way, step by step, and the faults that zones really have. */
import { diagnoseMx } from "@mailkit/dns-mx";
import type { AddressReport, DnsFault, MxDiagnosis, MxReport } from "@mailkit/dns-mx";
import type { HostTarget } from "@mailkit/sdk";
import { fromUnicode, unicodeOf } from "@mailkit/sdk";
import type { CommandContext, CommandInput, CommandSpec } from "../command.ts";
import { JSON_FLAG } from "../command.ts";
import { openForCommand } from "../open.ts";

export const dns: CommandSpec = {
  name: "dns",
  summary: "show where mail for domains goes, and the faults of their zones",
  description:
    "Asks the name servers that the server itself asks (MAILKIT_DNS=HOST:PORT for others). Ends with 1 when there is a fault, or nowhere to " +
    "send mail to.",
  args: [{ name: "DOMAIN", doc: "mail domain; several may be given", required: true, multiple: true }],
  flags: { ...JSON_FLAG },
  examples: ["mailkit dns machin.com", "mailkit dns machin.com truc.fr --json"],
  run,
};

async function run(context: CommandContext, { args, flags }: CommandInput): Promise<number> {
  const engine = await openForCommand(context, flags);
  try {
    const reports: MxDiagnosis[] = [];
    for (const arg of args) reports.push(await diagnoseMx(domainOf(arg), engine.dns.finder));
    if (flags.flag("json")) context.stdout.write(`${JSON.stringify(reports)}\n`);
    else context.stdout.write(unicodeOf(reports.map(rendered).join("\n")));
    return reports.every(({ faults, result }) => faults.length === 0 && result.kind === "found") ? 0 : 1;
  } finally {
    await engine.close();
  }
}

/** An address stands for its domain; a name with other letters for its form in the DNS. */
function domainOf(arg: string): string {
  const name = arg.slice(arg.lastIndexOf("@") + 1);
  return /[^\u0000-\u007f]/.test(name) ? new URL(`http://${name}`).hostname : fromUnicode(name);
}

function rendered(report: MxDiagnosis): string {
  const inRecords = new Set(report.records.flatMap(faultsIn));
  const lines = [
    report.domain,
    ...headLines(report),
    ...report.records.flatMap((record) => recordLines(record, report)),
    ...report.faults.filter((fault) => !inRecords.has(fault)).flatMap((fault) => faultLines(fault, "  ")),
    conclusion(report),
  ];
  return `${lines.join("\n")}\n`;
}

function faultsIn(record: MxReport): readonly DnsFault[] {
  return [...record.faults, ...record.addresses.flatMap(({ fault }) => (fault === undefined ? [] : [fault]))];
}

function headLines({ kind }: MxDiagnosis): readonly string[] {
  switch (kind) {
    case "mx":
    case "lookup failed":
      return [];
    case "addresses":
      return ["  no MX: its own addresses count (RFC 5321 §5.1)"];
    case "null mx":
      return ["  MX .   takes no mail (RFC 7505)"];
    case "no such domain":
      return ["  no such domain"];
    case "no mail host":
      return ["  no MX, and no address of its own"];
  }
}

function recordLines(record: MxReport, { kind, result }: MxDiagnosis): readonly string[] {
  if (record.status === "null") return kind === "null mx" ? [] : ["  MX .   takes no mail"];
  const used = new Set(result.kind === "found" ? result.hosts.map(({ address }) => address) : []);
  const head = kind === "addresses" ? [] : [`  MX ${record.preference} ${record.name}.`.padEnd(44) + ` ttl ${record.ttl}`];
  return [
    ...head,
    ...(record.alias === undefined ? [] : [`       CNAME ${record.alias}.`]),
    ...record.addresses.flatMap((address) => addressLines(address, used)),
    ...record.faults.flatMap((fault) => faultLines(fault, "       ")),
  ];
}

function addressLines({ address, type, fault }: AddressReport, used: ReadonlySet<string>): readonly string[] {
  const line = `       ${type.padEnd(4)} ${address}`.padEnd(44);
  return [`${line} ${used.has(address) ? "used" : "not used"}`, ...(fault === undefined ? [] : faultLines(fault, "       "))];
}

function faultLines({ text, meant }: DnsFault, indent: string): readonly string[] {
  const known = meant === undefined || text.includes(meant);
  return [`${indent}fault: ${text}`, ...(known ? [] : [`${indent}  ${meant}`])];
}

function conclusion({ result, faults }: MxDiagnosis): string {
  const count = faults.length === 0 ? "" : `. ${faults.length} fault${faults.length === 1 ? "" : "s"}`;
  if (result.kind === "defer") return `mail waits: ${result.message}${count}`;
  if (result.kind === "notFound") return `mail cannot be delivered: ${result.message}${count}`;
  const [first, ...others] = result.hosts;
  if (first === undefined) return `mail cannot be delivered${count}`;
  const rest = others.length === 0 ? "" : `, else to ${others.length} more`;
  const own = result.local === "first" ? " (this host itself: a router must deliver it here)" : "";
  return `mail goes to ${hostText(first)}${own}${rest}${count}`;
}

function hostText({ name, address }: HostTarget): string {
  return `${name} [${address}]`;
}
