/** Plain data for tests of transport drivers: a message, a job, services whose templates are text with `$name` in it. */
import type { BodySource } from "../envelope.ts";
import type { Template } from "../expansion.ts";
import { newAddressFacts } from "../facts.ts";
import type { OptionSpec, OptionTable } from "../options.ts";
import { makeScope, type Scope } from "../scope.ts";
import type { Services } from "../services.ts";
import type { Text } from "../text.ts";
import { silent } from "../trace.ts";
import type { LocalJob, OutgoingMessage, TransportJob, TransportRecipient, TransportServices } from "../transport.ts";

const PARTS = /\\(.)|\$\{?([a-z]\w*)\}?/g;

/** `$name` and `${name}` are asked of the scope, `\` takes its meaning from the next character; `fail` alone is a forced failure. */
export function fakeTemplate(source: string): Template {
  const parts = [...source.matchAll(PARTS)];
  return {
    source,
    constant: parts.length === 0 && source !== "fail" ? source : undefined,
    mentions: new Set(parts.flatMap((match) => (match[2] === undefined ? [] : [match[2]]))),
    async evaluate(scope) {
      if (source === "fail") return { kind: "forcedFailure", message: '"if" failed and "fail" requested' };
      if (source.startsWith("error:")) return { kind: "error", message: source.slice(6), defer: false };
      let tainted = false;
      let text = "";
      let at = 0;
      for (const match of parts) {
        const found = match[2] === undefined ? { text: match[1] as string, tainted: false } : await scope.variable(match[2]);
        if (found === undefined || "kind" in found) return { kind: "error", message: `unknown variable name "${match[2]}"`, defer: false };
        text += source.slice(at, match.index) + found.text;
        tainted ||= found.tainted;
        at = match.index + match[0].length;
      }
      return { kind: "value", text: text + source.slice(at), tainted };
    },
  };
}

export function fakeScope(variables: Readonly<Record<string, Text | string>> = {}, services: Partial<Services> = {}): Scope {
  const known = new Map(
    Object.entries(variables).map(([name, value]) => [name, typeof value === "string" ? { text: value, tainted: false } : value]),
  );
  return makeScope({
    services: {
      trace: silent,
      strings: { compile: fakeTemplate, expand: (source: string, scope: Scope) => fakeTemplate(source).evaluate(scope) },
      ...services,
    } as Services,
    sources: [(name) => known.get(name)],
  });
}

/** A driver's option values: its defaults, with `given` over them. Text for an expanded option becomes a template. */
export function optionValues(table: OptionTable, given: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(table)) values[name] = compiled(spec, Object.hasOwn(given, name) ? given[name] : spec.default);
  return values;
}

function compiled(spec: OptionSpec, value: unknown): unknown {
  if (typeof value !== "string") return value;
  if (spec.type === "expanded" || spec.type === "expandedBoolean") return fakeTemplate(value);
  if (spec.type === "hostList" || spec.type === "domainList" || spec.type === "addressList") return fakeList(value);
  return value;
}

/** A list of literal items, or `*`. Hosts match by address. */
function fakeList(source: string): unknown {
  const items = source.split(":").map((item) => item.trim());
  const match = (subject: string | { address?: string }): unknown => {
    const text = typeof subject === "string" ? subject : (subject.address ?? "");
    return items.includes("*") || items.includes(text) ? { kind: "yes", data: undefined, item: text } : { kind: "no" };
  };
  return { source, match };
}

export function fakeBody(text: string, options: { readonly streamed?: boolean } = {}): BodySource {
  const bytes = Buffer.from(text, "latin1");
  return {
    size: bytes.length,
    ...(options.streamed === true ? {} : { bytes }),
    read: async (start = 0, length = bytes.length) => bytes.subarray(start, start + length),
    chunks: async function* () {
      for (let at = 0; at < bytes.length; at += 50_000) yield bytes.subarray(at, at + 50_000);
    },
  };
}

export function fakeMessage(given: Partial<OutgoingMessage> & { readonly text?: string } = {}): OutgoingMessage {
  const { text, ...rest } = given;
  return {
    id: "1xVhq3-0004N6-2k",
    headers: "From: sender@example.org\nTo: x@example.com\nSubject: test\n",
    body: fakeBody(text ?? "hello\n"),
    sender: "sender@example.org",
    eightBit: false,
    smtputf8: false,
    parts: "all",
    received: 1_700_000_000_000,
    ...rest,
  };
}

export function fakeRecipient(address = "user@example.com"): TransportRecipient {
  const [localPart, domain] = address.split("@") as [string, string];
  return { address, localPart, domain, prefix: "", suffix: "", original: address };
}

export function fakeJob(given: Partial<TransportJob> = {}): TransportJob {
  return {
    message: fakeMessage(),
    recipients: [fakeRecipient()],
    hosts: [],
    now: 1_700_000_000_000,
    transport: "t1",
    router: "r1",
    cwd: "/",
    ...given,
  };
}

export function localJobOf(job: TransportJob): LocalJob {
  const { message, recipients, home, cwd, now } = job;
  return { message, recipients, now, ...(home === undefined ? {} : { home }), ...(cwd === undefined ? {} : { cwd }) };
}

/** Services for one job: its variables as the runner would set them, everything else absent unless given. */
export function fakeTransportServices(
  job: TransportJob,
  given: Partial<TransportServices> & { readonly variables?: Record<string, Text | string> } = {},
): TransportServices {
  const first = job.recipients[0] ?? fakeRecipient();
  const facts = newAddressFacts(first.localPart, first.domain);
  const { variables, ...services } = given;
  const scope = fakeScope({
    local_part: { text: facts.localPart, tainted: true },
    local_part_data: facts.localPart,
    domain: { text: facts.domain, tainted: true },
    domain_data: facts.domain,
    return_path: { text: job.message.sender, tainted: true },
    primary_hostname: "mail.example.net",
    ...(job.home === undefined ? {} : { home: job.home }),
    ...variables,
  });
  const settings: Readonly<Record<string, string>> = { primary_hostname: "mail.example.net", qualify_domain: "example.net" };
  return {
    scope,
    expand: (template: Template) => template.evaluate(scope),
    expandFor: (_host: unknown, template: Template) => template.evaluate(scope),
    setting: (name: string) => settings[name],
    trace: silent,
    admit: () => ({ ok: true }),
    authenticators: { candidates: () => [] },
    clock: { now: () => job.now, sleep: async () => {} },
    random: { below: () => 0, octets: (count: number) => Buffer.alloc(count) },
    hosts: {
      mx: () => ({ kind: "notFound", message: "none", why: "noDomain" }),
      addresses: () => ({ kind: "notFound", message: "none", why: "noDomain" }),
      isLocal: () => false,
    },
    submit: async () => "1xVhq3-0004N6-2l",
    ...services,
  } as unknown as TransportServices;
}
