/**
 * The door for drivers. First-party ones and those that strangers publish to npm go through the same check: manifest,
 * API version, kind and name of the driver. Strangers' packages lie in the plugin folder
 * (`FOLDER/node_modules/mailkit-router-*` and so on) and are loaded only when they are allowed by name, since a driver
 * runs with the rights of the worker.
 */
import { authenticatorDrivers } from "@mailkit/auths";
import { API_VERSION } from "@mailkit/sdk";
import type {
  AuthenticatorDriver,
  Diagnostic,
  LookupDriver,
  PluginManifest,
  PluginModule,
  RouterDriver,
  TransportDriver,
} from "@mailkit/sdk";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as lookupLdap from "@mailkit/lookup-ldap";
import * as lookupLmdb from "@mailkit/lookup-lmdb";
import * as lookupMysql from "@mailkit/lookup-mysql";
import * as lookupPgsql from "@mailkit/lookup-pgsql";
import * as lookupRedis from "@mailkit/lookup-redis";
import * as routerAccept from "@mailkit/router-accept";
import * as routerDnslookup from "@mailkit/router-dnslookup";
import * as routerIpliteral from "@mailkit/router-ipliteral";
import * as routerManualroute from "@mailkit/router-manualroute";
import * as routerQueryprogram from "@mailkit/router-queryprogram";
import * as routerRedirect from "@mailkit/router-redirect";
import * as transportAppendfile from "@mailkit/transport-appendfile";
import * as transportAutoreply from "@mailkit/transport-autoreply";
import * as transportLmtp from "@mailkit/transport-lmtp";
import * as transportPipe from "@mailkit/transport-pipe";
import * as transportSmtp from "@mailkit/transport-smtp";

export interface Drivers {
  // oxlint-disable typescript/no-explicit-any -- drivers of every options table meet here
  readonly routers: Map<string, RouterDriver<any>>;
  readonly transports: Map<string, TransportDriver<any>>;
  readonly authenticators: Map<string, AuthenticatorDriver<any>>;
  // oxlint-enable typescript/no-explicit-any
  readonly lookups: Map<string, LookupDriver>;
}

/** A package that was found in the plugin folder. */
export interface FoundPlugin {
  readonly packageName: string;
  readonly version: string;
  readonly folder: string;
  readonly manifest: PluginManifest;
  readonly entry: string;
}

const FIRST_PARTY: readonly (readonly [PluginManifest["kind"], string, PluginModule])[] = [
  ["lookup", "ldap", lookupLdap],
  ["lookup", "lmdb", lookupLmdb],
  ["lookup", "mysql", lookupMysql],
  ["lookup", "pgsql", lookupPgsql],
  ["lookup", "redis", lookupRedis],
  ["router", "accept", routerAccept],
  ["router", "dnslookup", routerDnslookup],
  ["router", "ipliteral", routerIpliteral],
  ["router", "manualroute", routerManualroute],
  ["router", "queryprogram", routerQueryprogram],
  ["router", "redirect", routerRedirect],
  ["transport", "appendfile", transportAppendfile],
  ["transport", "autoreply", transportAutoreply],
  ["transport", "lmtp", transportLmtp],
  ["transport", "pipe", transportPipe],
  ["transport", "smtp", transportSmtp],
];

export function firstPartyDrivers(): Drivers {
  const drivers: Drivers = { routers: new Map(), transports: new Map(), authenticators: new Map(authenticatorDrivers), lookups: new Map() };
  for (const [kind, name, module] of FIRST_PARTY) {
    const fault = register(drivers, { api: API_VERSION, kind, name, permissions: {} }, module);
    if (fault !== undefined) throw new Error(fault);
  }
  return drivers;
}

export interface PluginFolder {
  readonly folder: string;
  /** Package names that may run. */
  readonly allowed: ReadonlySet<string>;
}

/** Adds the drivers of the plugin folder; what is wrong with one is a diagnostic, the others go on. */
export async function addPlugins(drivers: Drivers, { folder, allowed }: PluginFolder): Promise<Diagnostic[]> {
  const faults: Diagnostic[] = [];
  if (allowed.size > 0) serveSdk(folder);
  for (const found of findPlugins(folder)) {
    if (typeof found === "string") faults.push({ code: "MK0901", severity: "error", message: found });
    else if (!allowed.has(found.packageName)) {
      faults.push({
        code: "MK0902",
        severity: "warning",
        message: `plugin ${found.packageName} is not allowed to run`,
        hint: `mailkit plugins allow ${found.packageName}, or --allow-plugin for this run`,
      });
    } else {
      const fault = await loadPlugin(drivers, found);
      if (fault !== undefined) faults.push({ code: "MK0901", severity: "error", message: fault });
    }
  }
  return faults;
}

/** Drivers import this program's own SDK, whether or not a copy lies in the plugin folder. */
function serveSdk(folder: string): void {
  const inside = pathToFileURL(`${folder}/`).href;
  if (served.has(inside)) return;
  served.add(inside);
  const bundled = new URL("./sdk.mjs", import.meta.url);
  const sdk = existsSync(bundled) ? bundled.href : import.meta.resolve("@mailkit/sdk");
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "@mailkit/sdk" && context.parentURL?.startsWith(inside) === true
        ? { url: sdk, shortCircuit: true }
        : next(specifier, context),
  });
}

/** Hooks belong to the process: one for each folder. */
const served = new Set<string>();

async function loadPlugin(drivers: Drivers, found: FoundPlugin): Promise<string | undefined> {
  try {
    const module = (await import(pathToFileURL(join(found.folder, found.entry)).href)) as PluginModule;
    const fault = register(drivers, found.manifest, module);
    return fault === undefined ? undefined : `plugin ${found.packageName}: ${fault}`;
  } catch (error) {
    return `plugin ${found.packageName} cannot be loaded: ${(error as Error).message}`;
  }
}

function register(drivers: Drivers, manifest: PluginManifest, module: Partial<PluginModule>): string | undefined {
  const { driver = module.drivers?.[0] } = module;
  if (manifest.api !== API_VERSION) return `it speaks version ${manifest.api} of the driver interface, mailkit speaks ${API_VERSION}`;
  if (driver === undefined) return 'its entry exports neither "driver" nor "drivers"';
  if (module.drivers !== undefined && manifest.kind !== "lookup") return "only packages of lookups hold several drivers";
  if (driver.name !== manifest.name) return `its manifest says ${manifest.kind} ${manifest.name}, its driver is called ${driver.name}`;
  const table = tableFor(drivers, manifest.kind);
  if (table === undefined) return `drivers of kind ${manifest.kind} are not taken yet`;
  const all = module.drivers ?? [driver];
  const known = all.find(({ name }) => table.has(name));
  if (known !== undefined) return `there is a ${manifest.kind} ${known.name} already`;
  for (const one of all) table.set(one.name, one);
  return undefined;
}

function tableFor(drivers: Drivers, kind: PluginManifest["kind"]): Map<string, unknown> | undefined {
  switch (kind) {
    case "router":
      return drivers.routers as Map<string, unknown>;
    case "transport":
      return drivers.transports as Map<string, unknown>;
    case "authenticator":
      return drivers.authenticators as Map<string, unknown>;
    case "lookup":
      return drivers.lookups as Map<string, unknown>;
    case "condition":
      return undefined;
  }
}

/** The driver package in a folder, wherever it lies; a text says what is wrong with it. */
export function pluginAt(folder: string): FoundPlugin | string {
  return readManifest(folder, folder) ?? `${folder} is no driver package: its package.json has no "mailkit" key`;
}

/** Loads a driver without registering it, for tests of it. */
export async function loadPluginAt(found: FoundPlugin): Promise<PluginModule | string> {
  serveSdk(found.folder);
  try {
    const module = (await import(pathToFileURL(join(found.folder, found.entry)).href)) as PluginModule;
    const fault = register(firstPartyDrivers(), found.manifest, module);
    return fault === undefined ? module : `plugin ${found.packageName}: ${fault}`;
  } catch (error) {
    return `plugin ${found.packageName} cannot be loaded: ${(error as Error).message}`;
  }
}

/** Packages in `FOLDER/node_modules` that carry a `mailkit` manifest; a text says what is wrong with one. */
export function findPlugins(folder: string): readonly (FoundPlugin | string)[] {
  const modules = join(folder, "node_modules");
  if (!existsSync(modules)) return [];
  const names = readdirSync(modules).flatMap((name) =>
    name.startsWith("@") ? readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`) : [name],
  );
  return names.flatMap((name) => readManifest(join(modules, name), name) ?? []);
}

function readManifest(folder: string, name: string): FoundPlugin | string | undefined {
  try {
    const text = readFileSync(join(folder, "package.json"), "utf8");
    const json = JSON.parse(text) as {
      name?: string;
      version?: string;
      main?: string;
      exports?: unknown;
      mailkit?: Partial<PluginManifest>;
    };
    if (json.mailkit === undefined) return undefined;
    const { api, kind, name: driver, permissions } = json.mailkit;
    if (typeof api !== "number" || typeof kind !== "string" || typeof driver !== "string")
      return `plugin ${name}: its manifest needs api, kind and name`;
    return {
      packageName: json.name ?? name,
      version: json.version ?? "0.0.0",
      folder,
      manifest: { api, kind, name: driver, permissions: permissions ?? {} },
      entry: entryOf(json),
    };
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" || (error as NodeJS.ErrnoException).code === "ENOTDIR"
      ? undefined
      : `plugin ${name}: ${(error as Error).message}`;
  }
}

function entryOf(json: { main?: string; exports?: unknown }): string {
  const { exports } = json;
  if (typeof exports === "string") return exports;
  const main = (exports as Record<string, unknown> | undefined)?.["."];
  if (typeof main === "string") return main;
  const conditional =
    (main as Record<string, unknown> | undefined)?.["import"] ?? (main as Record<string, unknown> | undefined)?.["default"];
  return typeof conditional === "string" ? conditional : (json.main ?? "index.js");
}
