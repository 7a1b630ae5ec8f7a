/**
 * The engine that every command uses: configuration and plugins, compiled and wired, without a spool. What `route` prints
 * is what `serve` does because both ask this. `openMailroom` adds the spool, reception and delivery.
 */
import { makeClientAuth, makeServerAuth } from "@mailkit/auths";
import type { AclSet } from "@mailkit/acl";
import { engineCompilers } from "@mailkit/config";
import { parseLogSelector } from "@mailkit/logs";
import type { Compilers, Configuration, MainSettings, TransportInstance } from "@mailkit/config";
import { builtinLookups, parseLookupType } from "@mailkit/lookups";
import { makeRewriter } from "@mailkit/rewrite";
import type { Rewriter } from "@mailkit/rewrite";
import { makeRouterChain } from "@mailkit/routers";
import type { RouterChain } from "@mailkit/routers";
import type { ClientAuthService, Diagnostic, HostFinder, ServerAuthService, Services, Tracer, VerifyService } from "@mailkit/sdk";
import { silent } from "@mailkit/sdk";
import { compileConfigured, makeAclService } from "./acls.ts";
import { makeCallout } from "./callout/callout.ts";
import { aclHostFor } from "./acl-host.ts";
import type { Dns } from "./dns.ts";
import { makeDns, machineAddresses } from "./dns.ts";
import { environmentMap } from "./environment.ts";
import { filterService } from "./filters.ts";
import { lazyHints } from "./hints.ts";
import type { ClosableHints } from "./hints.ts";
import { loadConfig, plainSmtpTransport } from "./load-config.ts";
import type { ConfigText } from "./load-config.ts";
import { listEnvironment } from "./list-environment.ts";
import { EXIM_VERSION, readMachine, withServerLogin } from "./machine.ts";
import type { Machine } from "./machine.ts";
import { addPlugins, firstPartyDrivers } from "./plugins.ts";
import type { Drivers, PluginFolder } from "./plugins.ts";
import { systemAccounts } from "./ports/accounts.ts";
import { makeScopes } from "./scopes.ts";
import type { Scopes } from "./scopes.ts";
import { engineFaults } from "./engine-faults.ts";
import { rewriteHost } from "./rewrite-host.ts";
import { basePorts, makeServices } from "./services.ts";
import { logDirectory } from "./room-check.ts";
import { expandSettings, settingIn } from "./settings.ts";
import type { Settings } from "./settings.ts";
import { environmentVariables } from "./variables/environment.ts";
import { makeVerify } from "./verify.ts";
import { transportTable } from "./transport-facts.ts";
import type { TransportTable } from "./transport-facts.ts";

export interface EngineOptions {
  readonly source: ConfigText;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly defines?: readonly (readonly [string, string])[];
  readonly trace?: Tracer;
  readonly plugins?: PluginFolder;
}

export interface Engine {
  readonly config: Configuration;
  /** Tells engines of the same file and macros from others. */
  readonly identity: string;
  /** Of the configuration, of plugins and of settings that could not be expanded. */
  readonly diagnostics: readonly Diagnostic[];
  readonly machine: Machine;
  readonly drivers: Drivers;
  readonly services: Services;
  readonly compilers: Compilers;
  readonly scopes: Scopes;
  readonly settings: Settings;
  readonly setting: (name: string) => string | undefined;
  readonly dns: Dns;
  readonly hosts: HostFinder;
  readonly routers: RouterChain;
  readonly transports: TransportTable;
  readonly rewriter: Rewriter;
  readonly verify: VerifyService;
  /** The transport of callouts that no transport was chosen for. */
  readonly plainSmtp: () => TransportInstance | undefined;
  readonly acls: AclSet;
  readonly serverAuth: ServerAuthService | undefined;
  readonly clientAuth: ClientAuthService;
  readonly hints: ClosableHints;
  /** Where strangers' drivers come from, and which may run. */
  readonly plugins: PluginFolder | undefined;
  /** Names of the lookups that are there. */
  readonly lookupTypes: readonly string[];
  /** What was made for this engine and ends with it (helpers of deliveries). */
  atClose(action: () => Promise<void>): void;
  close(): Promise<void>;
}

export async function openEngine(options: EngineOptions): Promise<Engine> {
  const drivers = firstPartyDrivers();
  const pluginFaults = options.plugins === undefined ? [] : await addPlugins(drivers, options.plugins);
  const machine = readMachine(
    options.source.kind === "embedded" ? { ...options.env, MAILKIT_EXIM_USER: undefined } : options.env,
    systemAccounts(),
    options.source.kind === "embedded",
  );
  return assemble(options, { drivers, pluginFaults, machine });
}

interface Found {
  readonly drivers: Drivers;
  readonly pluginFaults: readonly Diagnostic[];
  readonly machine: Machine;
}

function serverLogin(main: MainSettings): { user?: string; group?: string } {
  const [user, group] = (["exim_user", "exim_group"] as const).map((name) => (main.isSet(name) ? main.text(name) : undefined));
  return { ...(user === undefined ? {} : { user }), ...(group === undefined ? {} : { group }) };
}

/** Ports that are needed before what they lead to exists are closures over `engine`, which is complete when they are called. */
function assemble(options: EngineOptions, { drivers, pluginFaults, machine: found }: Found): Engine {
  const trace = options.trace ?? silent;
  const base = basePorts(trace);
  const late: { engine?: Engine; environment?: ReadonlyMap<string, string> } = {};
  const engine = (): Engine => late.engine as Engine;
  const lookups = new Map([...builtinLookups(), ...drivers.lookups.values()].map((driver) => [driver.name, driver]));
  const lists = listEnvironment({ engine, machineAddresses, parseLookup: (written) => parseLookupType(written, lookups) });
  const compilers = engineCompilers(lists);
  const lookupTypes = new Set(lookups.keys());
  const loading = { source: options.source, drivers, lookupTypes, machine: found, defines: options.defines ?? [], lists };
  const config = loadConfig(loading);
  let plainSmtp: TransportInstance | undefined;
  const { main } = config;
  const login = options.env["MAILKIT_EXIM_USER"] === undefined ? serverLogin(main) : {};
  const machine = withServerLogin(found, login, systemAccounts());
  const primaryHostname = main.text("primary_hostname") ?? machine.hostname;
  const bare = () => engine().scopes.bare();
  const setting = settingIn(main, () => engine().settings, bare);
  const dns = makeDns({ main, env: options.env, base, scope: bare });
  const hints = lazyHints(() => `${engine().settings.text("spool_directory")}/db`);
  const services = makeServices(base, {
    trace,
    dns: dns.service,
    hints,
    lookups: [...lookups.values()],
    compilers,
    config: () => config,
    acls: makeAclService(() => engine().acls, aclHostFor(engine)),
    setting: (name) => setting(name),
    expansion: {
      ...(main.isSet("timezone") ? { timezone: main.text("timezone") } : {}),
      headersCharset: main.text("headers_charset") ?? "UTF-8",
      checkRfc2047Length: main.flag("check_rfc2047_length"),
      printTopbitchars: main.flag("print_topbitchars"),
      strictAclVars: main.flag("strict_acl_vars"),
      // A list decides, and lists need the services: at the first look at it.
      get environment() {
        return (late.environment ??= environmentMap(options.env, { main, compilers, scope: bare() }));
      },
    },
  });
  const scopes = makeScopes({
    services,
    lookupHost: dns.lookupHost,
    bodyVisible: main.number("message_body_visible"),
    bodyNewlines: main.flag("message_body_newlines"),
    logSelector: parseLogSelector(main.text("log_selector") ?? "").selector,
    environment: environmentVariables({
      primaryHostname,
      qualifyDomain: main.text("qualify_domain") ?? primaryHostname,
      qualifyRecipient: main.text("qualify_recipient") ?? primaryHostname,
      spoolDirectory: () => engine().settings.text("spool_directory") ?? "",
      configFile: config.file,
      eximPath: main.text("exim_path") ?? "",
      eximUid: machine.eximUid,
      eximGid: machine.eximGid,
      localhostNumber: main.text("localhost_number") ?? "0",
      version: main.text("exim_version") ?? EXIM_VERSION,
      initialCwd: options.cwd,
      bounceReturnSizeLimit: main.number("bounce_return_size_limit"),
      logDirectory: () => logDirectory(engine().settings),
      spfGuess: main.text("spf_guess") ?? "",
      clock: base.clock,
    }),
  });
  const settings = expandSettings(main, () => scopes.bare());
  const transports = transportTable(config.transports, (address) => scopes.forAddress(address.facts, scopes.bare()));
  const rewriter = makeRewriter({ rules: config.rewrite, host: rewriteHost(services, compilers, setting) });
  const routers = makeRouterChain({
    routers: config.routers,
    host: {
      services,
      hosts: dns.hosts,
      scopeFor: (facts, scope) => scopes.forAddress(facts, scope),
      setting,
      transportWhere: transports.where,
      filters: filterService({ rewriter, scope: bare }),
      rewriteChild: (address, scope) => rewriter.address(address, "env-to", scope),
    },
  });
  const auth = { instances: config.authenticators, host: { services, primaryHostname } };
  const closing: (() => Promise<void>)[] = [];
  late.engine = {
    config,
    identity: JSON.stringify([config.file, options.defines ?? []]),
    diagnostics: [...config.diagnostics, ...engineFaults(config), ...pluginFaults, ...settings.faults],
    machine,
    drivers,
    services,
    compilers,
    scopes,
    settings,
    setting,
    dns,
    hosts: dns.hosts,
    routers,
    transports,
    rewriter,
    verify: makeVerify({
      routers,
      scopeFor: (request) => scopes.forSession(request.session, request.message),
      rewriteRecipient: (address, scope) => rewriter.address(address, "env-to", scope),
      rewriteSender: (address, scope) => rewriter.address(address, "env-from", scope),
      qualify: (request) =>
        request.kind === "recipient"
          ? (main.text("qualify_recipient") ?? primaryHostname)
          : (main.text("qualify_domain") ?? primaryHostname),
      callout: makeCallout(engine),
    }),
    plainSmtp: () => (plainSmtp ??= plainSmtpTransport(loading)),
    acls: compileConfigured(config, compilers),
    serverAuth: makeServerAuth(auth),
    clientAuth: makeClientAuth(auth),
    hints,
    plugins: options.plugins,
    lookupTypes: [...lookups.keys()].sort(),
    atClose: (action) => void closing.push(action),
    close: async () => {
      for (const action of closing.splice(0)) await action();
      await services.lookups.close();
      dns.close();
      hints.close();
    },
  };
  return engine();
}
