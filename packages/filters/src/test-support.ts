/** Plain data for tests: a message, and the scope that a filter of its recipient would have. */
import { clean, isPromise, makeScope, tainted } from "@mailkit/sdk";
import type { HeaderForm, Maybe, RouterAddress, Scope, Services, Text } from "@mailkit/sdk";
import { compile } from "@mailkit/expand";
import type { EximRun } from "./actions.ts";
import { runEximFilter } from "./exim/filter.ts";
import type { EximRequest } from "./exim/run.ts";
import { printSieveRun, runSieve } from "./sieve/filter.ts";
import type { SieveRequest, SieveRun } from "./sieve/evaluate.ts";
import { printRun } from "./test-output.ts";

export interface TestMessage {
  readonly headers?: string;
  readonly variables?: Readonly<Record<string, string>>;
  /** What an expansion may not do without: files for `readfile`. */
  readonly files?: Readonly<Record<string, string>>;
  /** Variables answer with promises. */
  readonly later?: boolean;
}

const VARIABLES = {
  local_part: "fred",
  domain: "test.ex",
  home: "/home/fred",
  sender_address: "bob@sender.ex",
  reply_address: "Bob <bob@sender.ex>",
  return_path: "bob@sender.ex",
  qualify_domain: "test.ex",
  primary_hostname: "the.local.host.name",
  recipients: "fred@test.ex",
  message_size: "170",
  local_part_prefix: "",
  local_part_suffix: "",
};

export const HEADERS = "From: Bob <bob@sender.ex>\nTo: Fred <fred@test.ex>, root@test.ex\nSubject: Hello World\nMessage-Id: <abc@def>\n";

export function messageScope(message: TestMessage = {}): Scope & { headers: string } {
  const variables = new Map<string, string>(Object.entries({ ...VARIABLES, ...message.variables }));
  const state = { headers: message.headers ?? HEADERS };
  const scope = makeScope({
    services: services(message),
    sources: [
      (name): Maybe<Text | undefined> => {
        const text = name === "message_headers" ? state.headers.trimEnd() : variables.get(name);
        const found = text === undefined ? undefined : name === "home" ? clean(text) : tainted(text);
        return message.later === true ? Promise.resolve(found) : found;
      },
    ],
    header: (form, name) => headerText(state.headers, form, name),
  });
  const changing: Scope & { headers: string } = {
    ...scope,
    get headers() {
      return state.headers;
    },
    set headers(text) {
      state.headers = text;
    },
  };
  return changing;
}

function headerText(headers: string, form: HeaderForm, name: string): Text | undefined {
  const wanted = name.toLowerCase();
  const values = headers
    .split(/\n(?![ \t])/)
    .filter((line) => line.slice(0, line.indexOf(":")).trimEnd().toLowerCase() === wanted)
    .map((line) => line.slice(line.indexOf(":") + 1));
  if (values.length === 0) return undefined;
  if (form === "rh") return tainted(values.map((value) => `${value}\n`).join(""));
  const trimmed = values.map((value) => value.trim());
  if (form === "lh") return tainted(trimmed.map((value) => value.replaceAll(":", "::")).join(":"));
  return tainted(trimmed.join(/^(?:to|cc|from)$/.test(wanted) ? ",\n" : "\n"));
}

function services({ files = {} }: TestMessage): Services {
  const fault = { code: "ENOENT", message: "No such file or directory" };
  const known: Partial<Services> = {
    clock: { now: () => 1_700_000_000_000, sleep: async () => {} },
    trace: { on: false, emit: () => {} },
    files: {
      read: (path) => (Object.hasOwn(files, path) ? (files[path] as string) : fault),
      stat: () => fault,
      list: () => fault,
      derived: () => fault,
    },
    strings: { compile, expand: (source, scope) => compile(source).evaluate(scope) },
    expansion: { timezone: "UTC" },
  };
  return known as Services;
}

export function eximRequest(text: string, given: Partial<EximRequest> = {}): EximRequest {
  return {
    text: `# Exim filter\n${text}`,
    system: false,
    scope: messageScope(),
    forbid: new Set(["fail", "freeze", "defer"]),
    qualifyDomain: "test.ex",
    ownAddresses: ["fred@test.ex"],
    purpose: "test",
    firstDelivery: true,
    manuallyThawed: false,
    ...given,
  };
}

export function runNow(text: string, given: Partial<EximRequest> = {}): EximRun {
  const run = runEximFilter(eximRequest(text, given));
  if (isPromise(run)) throw new Error("this filter was not to wait");
  return run;
}

export function routerAddress(given: Partial<RouterAddress> = {}): RouterAddress {
  return {
    router: "r1",
    address: "fred@test.ex",
    originalLocalPart: "fred",
    localPart: "fred",
    domain: "test.ex",
    prefix: "",
    suffix: "",
    purpose: "deliver",
    ancestors: [],
    sender: "bob@sender.ex",
    ...given,
  };
}

const ROOT = {
  local_part: "root",
  home: "/root",
  sender_address: "root@test.ex",
  return_path: "root@test.ex",
  reply_address: "Fred <fred@test.ex>",
  recipients: "root@test.ex",
  sn1: "0",
};
const ROOT_HEADERS = "From: Fred <fred@test.ex>\nTo: Marc <marc@x.y>, root@test.ex\nSubject: Hello World\n";

/** As `exim -bf` of root at test.ex, -bF when `system`; conditions explained at the end (`-v`). */
export function testOutput(text: string, { system = false, verbose = false } = {}): string {
  const scope = messageScope({ headers: ROOT_HEADERS, variables: ROOT, files: { "/etc/hostname": "vm\n" } });
  const explained: string[] = [];
  const run = runNow(text, {
    system,
    scope,
    ownAddresses: system ? [] : ["root@test.ex"],
    changeHeaders: (change, names) => {
      if (change === "add") scope.headers += `${names}\n`;
      else scope.headers = scope.headers.replace(new RegExp(`^(?:${names.replaceAll(":", "|")}):.*\n`, "gim"), "");
    },
    ...(verbose ? { explain: (line: string) => explained.push(line) } : {}),
  });
  return printRun(run) + explained.map((line) => `${line}\n`).join("");
}

const SIGNIFICANT = "Filtering set up at least one significant delivery or other action.\nNo other deliveries will occur.\n";
const NORMAL = "Filtering did not set up a significant delivery.\nNormal delivery will occur.\n";

/** Tables leave the usual ending out; a final "+" stands for a significant delivery. */
export function expectedOutput(short: string): string {
  const last = short.split("\n").at(-1) ?? "";
  if (/^Filter(?:ing ended by|( error):)/.test(last) || short.startsWith("Filter error: ")) return `${short}\n`;
  if (last === "+") return short.slice(0, -1) + SIGNIFICANT;
  return short === "" ? NORMAL : `${short}\n${NORMAL}`;
}

const SIEVE_HEADERS = `${ROOT_HEADERS}X-A: one\nX-A: two\nCc: cc@x\n`;

export function sieveNow(text: string, given: Partial<SieveRequest> = {}): SieveRun {
  const run = runSieve({
    text: `# Sieve filter\n${text}`,
    scope: messageScope({ headers: SIEVE_HEADERS, variables: ROOT }),
    qualifyDomain: "test.ex",
    ownAddresses: ["root@test.ex"],
    recipient: "root@test.ex",
    inbox: "inbox",
    test: true,
    ...given,
  });
  if (isPromise(run)) throw new Error("this script was not to wait");
  return run;
}

export function sieveOutput(text: string): string {
  return printSieveRun(sieveNow(text));
}
