/** `mailkit plugins ...`: drivers from npm: which there are, what they may do, new ones, tests of them. */
import { API_VERSION } from "@mailkit/sdk";
import { findPlugins, loadPluginAt, pluginAt } from "@mailkit/runtime";
import type { FoundPlugin } from "@mailkit/runtime";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { CommandContext, CommandInput, CommandSpec } from "../command.ts";
import { CommandFailure, JSON_FLAG, UsageError } from "../command.ts";
import { configSource, pluginFolder } from "../open.ts";
import { setAllowed } from "../plugins/allowed.ts";
import { checkDriver } from "../plugins/compliance.ts";
import type { ComplianceModule } from "../plugins/compliance.ts";
import { installPlugin, removePlugin } from "../plugins/install.ts";
import { permissionText } from "../plugins/permissions.ts";
import { skeleton, SKELETON_KINDS } from "../plugins/skeletons.ts";
import { plural } from "../words.ts";

const NAME = [{ name: "PACKAGE", doc: "name of the package", required: true }] as const;

export const pluginCommands: readonly CommandSpec[] = [
  {
    name: "plugins list",
    summary: "list driver packages: what they are, what they ask for, whether they may run",
    description:
      "They are in $MAILKIT_PLUGINS, else /var/lib/mailkit/plugins (the sandbox: its state folder). Permissions are what a package declares; a driver runs with the rights of the server.",
    flags: JSON_FLAG,
    examples: ["mailkit plugins list", "mailkit plugins list --json"],
    run: list,
  },
  {
    name: "plugins add",
    summary: "install a driver package: from npm, a .tgz, or a folder",
    description: "Install scripts are not run. It runs only when it is allowed: --allow, or mailkit plugins allow.",
    args: [{ name: "PACKAGE|FOLDER", doc: "name of the package, path of its .tgz or folder", required: true }],
    flags: { allow: { type: "boolean", doc: "let it run" } },
    examples: ["mailkit plugins add mailkit-router-subaddress", "mailkit plugins add ./mailkit-router-mine --allow"],
    run: add,
  },
  {
    name: "plugins allow",
    summary: "let an installed driver package run, from the next start or reload on",
    args: NAME,
    flags: { no: { type: "boolean", doc: "no longer" } },
    examples: ["mailkit plugins allow mailkit-router-subaddress", "mailkit plugins allow --no mailkit-router-subaddress"],
    run: allow,
  },
  {
    name: "plugins remove",
    summary: "take a driver package out",
    args: NAME,
    examples: ["mailkit plugins remove mailkit-router-subaddress"],
    run: remove,
  },
  {
    name: "plugins new",
    summary: "write the skeleton of a driver package that works and passes its tests",
    args: [
      { name: "KIND", doc: "router, transport, lookup or authenticator", required: true },
      { name: "NAME", doc: "name of the driver: small letters, digits, _", required: true },
    ],
    flags: { into: { type: "string", placeholder: "FOLDER", doc: "where to (default: mailkit-KIND-NAME here)" } },
    examples: ["mailkit plugins new router mine", "mailkit plugins new transport archive --into ./archive"],
    run: create,
  },
  {
    name: "plugins test",
    summary: "check a driver against the contract of its kind, hostile input included",
    args: [{ name: "FOLDER", doc: "folder of the package; its compliance.js says what to try", required: true }],
    flags: JSON_FLAG,
    examples: ["mailkit plugins test ./mailkit-router-mine"],
    run: testDriver,
  },
];

async function list(context: CommandContext, { flags }: CommandInput): Promise<number> {
  const { folder, allowed } = pluginFolder(context, flags, configSource(context, flags));
  const found = findPlugins(folder);
  const plugins = found.flatMap((one) => (typeof one === "string" ? [] : [one]));
  const faults = found.filter((one) => typeof one === "string");
  if (flags.flag("json")) {
    const facts = plugins.map(({ packageName, version, manifest }) => ({
      package: packageName,
      version,
      ...manifest,
      allowed: allowed.has(packageName),
    }));
    context.stdout.write(`${JSON.stringify({ folder, plugins: facts, faults })}\n`);
    return 0;
  }
  for (const fault of faults) context.stderr.write(`${fault}\n`);
  if (plugins.length === 0 && !flags.flag("quiet")) context.stderr.write(`no driver packages in ${folder}\n`);
  for (const { packageName, version, manifest } of plugins) {
    const state =
      manifest.api !== API_VERSION
        ? `made for another mailkit (interface ${manifest.api})`
        : allowed.has(packageName)
          ? "allowed"
          : "not allowed: mailkit plugins allow";
    context.stdout.write(
      `${packageName} ${version}  ${manifest.kind} ${manifest.name}  ${state}\n  ${permissionText(manifest.permissions)}\n`,
    );
  }
  return 0;
}

async function add(context: CommandContext, { args, flags }: CommandInput): Promise<number> {
  const { folder } = pluginFolder(context, flags, configSource(context, flags));
  const given = args[0] as string;
  const path = resolve(context.cwd, given);
  const found = installPlugin(folder, /^[./]|\.tgz$/.test(given) && existsSync(path) ? path : given);
  if (flags.flag("allow")) setAllowed(folder, found.packageName, true);
  if (!flags.flag("quiet")) {
    const next = flags.flag("allow") ? "allowed" : `not allowed yet: mailkit plugins allow ${found.packageName}`;
    context.stdout.write(
      `${found.packageName} ${found.version}: ${found.manifest.kind} ${found.manifest.name}, ${permissionText(found.manifest.permissions)}\n${next}\n`,
    );
  }
  return 0;
}

async function allow(context: CommandContext, { args, flags }: CommandInput): Promise<number> {
  const { folder } = pluginFolder(context, flags, configSource(context, flags));
  const name = args[0] as string;
  const off = flags.flag("no");
  const found = findPlugins(folder).find((one): one is FoundPlugin => typeof one !== "string" && one.packageName === name);
  if (found === undefined && !off)
    throw new CommandFailure(`there is no plugin ${name} in ${folder}`, { hint: `mailkit plugins add ${name}` });
  setAllowed(folder, name, !off);
  if (!flags.flag("quiet"))
    context.stdout.write(
      `${name} ${off ? "no longer " : ""}allowed${found === undefined || off ? "" : `: ${permissionText(found.manifest.permissions)}`}\n`,
    );
  return 0;
}

async function remove(context: CommandContext, { args, flags }: CommandInput): Promise<number> {
  const { folder } = pluginFolder(context, flags, configSource(context, flags));
  removePlugin(folder, args[0] as string);
  setAllowed(folder, args[0] as string, false);
  if (!flags.flag("quiet")) context.stdout.write(`${args[0]} removed\n`);
  return 0;
}

async function create(context: CommandContext, { args, flags }: CommandInput): Promise<number> {
  const [kindText, name] = args as [string, string];
  const kind = SKELETON_KINDS.find((one) => one === kindText);
  if (kind === undefined) throw new UsageError(`there is no kind of driver "${kindText}"`, SKELETON_KINDS.join(", "));
  if (!/^[a-z][a-z0-9_]{0,40}$/.test(name)) throw new UsageError(`"${name}" cannot be the name of a driver`, "small letters, digits, _");
  const { packageName, files } = skeleton(kind, name);
  const folder = resolve(context.cwd, flags.text("into") ?? packageName);
  const there = [...files.keys()].find((file) => existsSync(join(folder, file)));
  if (there !== undefined) throw new CommandFailure(`${join(folder, there)} exists already, and is left as it is`);
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of files) writeFileSync(join(folder, file), text, { flag: "wx" });
  if (!flags.flag("quiet"))
    context.stdout.write(
      `${[...files.keys()].map((file) => join(folder, file)).join("\n")}\nthen\n  mailkit plugins test ${folder}\n  mailkit plugins add ${folder} --allow\n`,
    );
  return 0;
}

async function testDriver(context: CommandContext, { args, flags }: CommandInput): Promise<number> {
  const folder = resolve(context.cwd, args[0] as string);
  const found = pluginAt(folder);
  if (typeof found === "string") throw new CommandFailure(found);
  const loaded = await loadPluginAt(found);
  if (typeof loaded === "string") throw new CommandFailure(loaded);
  const results = await checkDriver(found, loaded, await complianceOf(found));
  const failed = results.filter(({ fault }) => fault !== undefined);
  if (flags.flag("json"))
    context.stdout.write(
      `${JSON.stringify({ package: found.packageName, results: results.map(({ title, fault }) => ({ title, fault: fault ?? null })) })}\n`,
    );
  else {
    for (const { title, fault } of results)
      if (fault !== undefined) context.stdout.write(`FAILED  ${title}\n        ${fault.split("\n").join("\n        ")}\n`);
      else if (!flags.flag("quiet")) context.stdout.write(`ok      ${title}\n`);
    context.stdout.write(`${plural(results.length - failed.length, "check")} passed, ${failed.length} failed\n`);
  }
  return failed.length > 0 ? 1 : 0;
}

async function complianceOf(found: FoundPlugin): Promise<ComplianceModule> {
  const path = join(dirname(join(found.folder, found.entry)), "compliance.js");
  return existsSync(path) ? ((await import(pathToFileURL(path).href)) as ComplianceModule) : {};
}
