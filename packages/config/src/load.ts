/**
 * Configuration text to `Configuration`: the passes in their order. Reading (`source/`), sections (`sections/`), then
 * the rules that look across them (`rules/`). Pure but for the port `readFile`; every fault is reported, none thrown.
 */
import { nearest, trimSpace } from "@mailkit/sdk";
import type { ListKind } from "@mailkit/sdk";
import type { Compilers } from "./compilers.ts";
import type { LoadContext } from "./context.ts";
import { mainSettings, type MachineDefaults } from "./main-settings.ts";
import { predefinedMacros } from "./predefined.ts";
import { reporter, type Reporter } from "./reporter.ts";
import { checkRules } from "./rules/index.ts";
import { readAcls } from "./sections/acl.ts";
import { readDrivers, type Draft, type DriverSet } from "./sections/drivers.ts";
import { makeInstances } from "./sections/instances.ts";
import { readMain, type MainPart } from "./sections/main.ts";
import { readRetry } from "./sections/retry.ts";
import { readRewrite } from "./sections/rewrite.ts";
import { isMadeOfSettings } from "./debian/folder.ts";
import { macroTable, type Macro, type MacroTable } from "./source/macros.ts";
import { openReader, type LogicalLine, type Reader, type ReadFile } from "./source/reader.ts";
import type {
  AclSource,
  AuthenticatorInstance,
  Configuration,
  DriverCatalogue,
  RetryRule,
  RewriteRule,
  RouterInstance,
  TransportInstance,
} from "./types.ts";
import type { ConfigAccounts } from "./values/accounts.ts";

export interface LoadRequest {
  readonly file: string;
  readonly readFile: ReadFile;
  readonly catalogue: DriverCatalogue;
  readonly compilers: Compilers;
  /** `-D NAME=text`, in order. */
  readonly defines?: readonly { readonly name: string; readonly value: string }[];
  readonly environment: {
    /** Values of main options that come from the machine: primary_hostname, spool_directory, log_file_path, exim_user, ... */
    readonly machine: MachineDefaults;
    readonly accounts?: ConfigAccounts;
    /** What follows `_HAVE_`, when it is not what mailkit usually has. */
    readonly features?: readonly string[];
  };
}

/** Sections as they are gathered. */
interface Parts {
  readonly main: MainPart;
  readonly acls: Map<string, AclSource>;
  readonly drafts: Readonly<Record<DriverSet["kind"], Draft[]>>;
  readonly retry: RetryRule[];
  readonly rewrite: RewriteRule[];
  readonly seen: Set<string>;
}

const HINTS: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "mailkit init writes one"],
  ["EISDIR", "name a file in it; only a folder with Debian's update-exim4.conf.conf is read as a whole"],
  ["EACCES", "run mailkit as a user who may read it"],
]);

export function loadConfiguration(request: LoadRequest): Configuration {
  const report = reporter();
  const macros = macroTable([...commandMacros(request), ...predefinedMacros(request.catalogue, request.environment.features)]);
  const reader = openReader(request.file, request.readFile, macros, report);
  if (!("next" in reader)) {
    const text = reader.code === "ENOENT" ? "does not exist" : `cannot be read: ${reader.message}`;
    report.add("MK0011", `configuration file ${request.file} ${text}`, {
      hint: HINTS.get(reader.code),
      eximText: `non-existent configuration file(s): ${request.file}`,
      eximWhere: "",
    });
    return finish(emptyParts(), {
      request,
      report,
      macros,
      reader: undefined,
      context: contextOf(request, report, macros, () => undefined),
    });
  }
  let begin: LogicalLine | undefined;
  const context = contextOf(request, report, macros, () => {
    if (begin !== undefined) return undefined;
    const line = reader.next();
    if (line !== undefined && /^begin\s/.test(line.text)) begin = line;
    return begin === undefined ? line : undefined;
  });
  const parts = { ...emptyParts(), main: readMain(context) };
  while (begin !== undefined) {
    const head: LogicalLine = begin;
    begin = undefined;
    readSection(head, parts, context);
    while (context.next() !== undefined);
  }
  return finish(parts, { request, report, macros, reader, context });
}

function contextOf(request: LoadRequest, report: Reporter, macros: MacroTable, next: LoadContext["next"]): LoadContext {
  return { report, macros, next, compilers: request.compilers, catalogue: request.catalogue, accounts: request.environment.accounts };
}

function emptyParts(): Parts {
  return {
    main: { settings: new Map(), lists: new Map<ListKind, never>() },
    acls: new Map(),
    drafts: { router: [], transport: [], authenticator: [] },
    retry: [],
    rewrite: [],
    seen: new Set(),
  };
}

function commandMacros({ defines = [] }: LoadRequest): Macro[] {
  return defines.map(({ name, value }) => ({ name: trimSpace(name), value: trimSpace(value), origin: "command", uses: 0 }));
}

const SECTIONS = ["acl", "router", "transport", "retry", "rewrite", "authenticator", "local_scan"] as const;

const SECTION_NAMES = ["acl", "routers", "transports", "retry", "rewrite", "authenticators", "local_scan"];

/** `begin NAME`: case does not count, nor does a final s (manual §"Configuration file format"). */
function readSection(head: LogicalLine, parts: Parts, context: LoadContext): void {
  const written = trimSpace(head.text.slice("begin".length));
  const name = SECTIONS.find((section) => section === written.toLowerCase().replace(/s$/, ""));
  const start = head.text.indexOf(written, "begin".length);
  const place = { at: head.map.at(start), length: head.map.width(start, written.length), eximLine: head.end };
  if (name === undefined) {
    const near = nearest(written.toLowerCase(), SECTION_NAMES);
    const hint = near === undefined ? `sections are ${SECTION_NAMES.join(", ")}` : `did you mean "${near}"?`;
    const eximText = `"${written}" is not a known configuration section name`;
    context.report.add("MK0012", `there is no section "${written}"`, { ...place, hint, eximText });
    return;
  }
  if (parts.seen.has(name)) {
    const eximText = `"${written}" section is repeated in the configuration file`;
    context.report.add("MK0013", `section "${written}" stands twice in the configuration`, { ...place, hint: "join the two", eximText });
  }
  parts.seen.add(name);
  switch (name) {
    case "acl":
      return readAcls(parts.acls, context);
    case "router":
    case "transport":
    case "authenticator":
      return readDrivers(driverSet(name, context.catalogue), parts.drafts[name], context);
    case "retry":
      return readRetry(parts.retry, context);
    case "rewrite":
      return readRewrite(parts.rewrite, context);
    case "local_scan":
      context.report.add("MK0014", "the local_scan section is passed over: mailkit has no local_scan function", {
        ...place,
        hint: "use an ACL",
      });
  }
}

function driverSet(kind: DriverSet["kind"], catalogue: DriverCatalogue): DriverSet {
  switch (kind) {
    case "router":
      return { kind, drivers: catalogue.routers, generic: catalogue.genericRouter };
    case "transport":
      return { kind, drivers: catalogue.transports, generic: catalogue.genericTransport };
    case "authenticator":
      return { kind, drivers: catalogue.authenticators, generic: catalogue.genericAuthenticator };
  }
}

interface Finish {
  readonly request: LoadRequest;
  readonly report: Reporter;
  readonly macros: MacroTable;
  readonly reader: Reader | undefined;
  readonly context: LoadContext;
}

function finish(parts: Parts, { request, report, macros, reader, context }: Finish): Configuration {
  const { compilers, catalogue, environment } = request;
  const of = <T extends RouterInstance | TransportInstance | AuthenticatorInstance>(kind: DriverSet["kind"]): T[] =>
    makeInstances<T>(driverSet(kind, catalogue), parts.drafts[kind], context);
  const { settings, lists } = parts.main;
  const transports = of<TransportInstance>("transport");
  const configuration: Configuration = {
    file: request.file,
    main: mainSettings({ settings, compilers, machine: environment.machine, accounts: environment.accounts }),
    lists,
    acls: parts.acls,
    routers: of<RouterInstance>("router"),
    transports: new Map(transports.map((transport) => [transport.name, transport])),
    authenticators: of<AuthenticatorInstance>("authenticator"),
    retry: parts.retry,
    rewrite: parts.rewrite,
    macros: macros.all().map(({ name, value, at }) => (at === undefined ? { name, value } : { name, value, at })),
    diagnostics: report.diagnostics,
    details: {
      trail: reader?.trail ?? [],
      partialConditions: reader?.partialConditions ?? [],
      partialReplacements: reader?.partialReplacements ?? [],
      unusedMacros: macros
        .all()
        .flatMap(({ name, at, uses }) => (uses === 0 && at !== undefined && !isMadeOfSettings(at.file) ? [{ name, at }] : [])),
      hidden: new Set([...settings.values()].filter((setting) => setting.hidden).map((setting) => setting.name)),
    },
    sources: reader?.sources ?? new Map(),
  };
  checkRules({
    configuration,
    settings,
    drafts: parts.drafts,
    compilers,
    accounts: environment.accounts,
    report,
    lookups: catalogue.lookups,
  });
  return configuration;
}
