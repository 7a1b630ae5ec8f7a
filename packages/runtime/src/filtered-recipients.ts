/** Deliveries of a system filter as children of `system-filter`: addresses are routed, the rest goes to its transports. */
import { SYSTEM_FILTER } from "@mailkit/delivery";
import { NOTHING_INHERITED, replyName } from "@mailkit/routers";
import type { RouteAccepted, RouteRedirected, RouteRequest } from "@mailkit/routers";
import type { ChildAddress, Generated, Scope, StoredMessage } from "@mailkit/sdk";
import { newAddressFacts } from "@mailkit/sdk";
import type { Engine } from "./engine.ts";

export async function filteredRecipients(
  engine: Engine,
  made: readonly ChildAddress[],
  scope: Scope,
  message: StoredMessage,
): Promise<RouteRedirected | undefined> {
  if (made.length === 0) return undefined;
  const children: RouteRequest[] = [];
  const generated: RouteAccepted[] = [];
  const generatedAt: number[] = [];
  for (const child of made) {
    if (child.kind === "address") children.push(requestOf(engine, child, scope, message));
    else {
      generatedAt.push(children.length);
      generated.push(await generatedOf(engine, child, scope));
    }
  }
  return {
    ...BASE,
    kind: "redirected",
    router: "",
    children,
    generated,
    generatedAt,
    oneTime: false,
    headersRewrite: undefined,
    detail: undefined,
  };
}

const BASE = { address: SYSTEM_FILTER, key: SYSTEM_FILTER, notes: [], silent: false, steps: [], hidden: false };

// oxlint-disable-next-line max-params
function requestOf(engine: Engine, child: Extract<ChildAddress, { kind: "address" }>, scope: Scope, message: StoredMessage): RouteRequest {
  const domain = engine.config.main.text("qualify_recipient") ?? "";
  return {
    ancestors: [{ address: `${SYSTEM_FILTER}@${domain}`, router: "", localPart: SYSTEM_FILTER, domain }],
    address: child.address,
    purpose: "deliver",
    sender: message.envelope.sender,
    scope,
    inherited: {
      ...NOTHING_INHERITED,
      errorsTo: child.extra?.errorsTo,
      ...(child.extra?.noErrorMessage === true ? { noErrorMessage: true } : {}),
    },
  };
}

type Special = Exclude<ChildAddress, { kind: "address" }>;

const TRANSPORTS = {
  pipe: "system_filter_pipe_transport",
  file: "system_filter_file_transport",
  directory: "system_filter_directory_transport",
  reply: "system_filter_reply_transport",
} as const;

async function generatedOf(engine: Engine, child: Special, scope: Scope): Promise<RouteAccepted> {
  const option = TRANSPORTS[child.kind];
  const found = await transportOf(engine, option, scope);
  const text = textOf(child);
  const facts = newAddressFacts("", "");
  facts.transportName = found.name ?? "";
  if (child.kind === "pipe") facts.extra.set("address_pipe", { text: `|${child.command}`, tainted: false });
  if (child.kind === "file" || child.kind === "directory") facts.extra.set("address_file", { text: child.path, tainted: false });
  for (const [name, value] of Object.entries(child.extra?.variables ?? {})) facts.variables.set(name, value);
  return {
    ...BASE,
    kind: "accepted",
    address: text,
    key: `${text}:${SYSTEM_FILTER}`,
    router: "",
    transport: found.name,
    where: "local",
    hosts: [],
    fallbackHosts: [],
    errorsTo: child.extra?.errorsTo,
    headersAdd: [],
    headersRemove: [],
    identity: identityOf(engine),
    home: undefined,
    homeTemplate: undefined,
    cwdTemplate: undefined,
    facts,
    originalLocalPart: "",
    localPart: "",
    domain: "",
    dsnLasthop: false,
    logAsLocal: false,
    generated: specialOf(child),
    problem: found.problem === undefined ? undefined : { kind: "deferred", message: found.problem },
    noErrorMessage: child.extra?.noErrorMessage === true,
    oneTime: false,
    retryKey: `R:${text}`,
    sameDomainCopy: false,
    detail: undefined,
  };
}

function textOf(child: Special): string {
  if (child.kind === "pipe") return `|${child.command}`;
  return child.kind === "reply" ? replyName(child.reply.to ?? "") : child.path;
}

function specialOf(child: Special): Generated {
  switch (child.kind) {
    case "pipe":
      return { kind: "pipe", command: child.command, expand: true };
    case "reply":
      return { kind: "reply", reply: child.reply };
    case "file":
      return { kind: "file", path: child.path, ...(child.extra?.mode === undefined ? {} : { mode: child.extra.mode }) };
    case "directory":
      return { kind: "directory", path: child.path };
    default:
      return child satisfies never;
  }
}

interface FoundTransport {
  readonly name: string | undefined;
  readonly problem?: string;
}

async function transportOf(engine: Engine, option: string, scope: Scope): Promise<FoundTransport> {
  const value = await engine.config.main.template(option)?.evaluate(scope);
  if (value === undefined) return { name: undefined, problem: `${option} is unset` };
  if (value.kind !== "value") return { name: undefined, problem: `failed to expand "${option}": ${value.message}` };
  if (engine.transports.where(value.text) !== undefined) return { name: value.text };
  return { name: undefined, problem: `${option} (value "${value.text}") not found` };
}

/** The user of the filter is that of its deliveries, unless a transport says otherwise. */
function identityOf({ config: { main } }: Engine): RouteAccepted["identity"] {
  const uid = main.isSet("system_filter_user") ? Number(main.text("system_filter_user")) : Number.NaN;
  const gid = main.isSet("system_filter_group") ? Number(main.text("system_filter_group")) : Number.NaN;
  return { initgroups: false, ...(Number.isNaN(uid) ? {} : { uid }), ...(Number.isNaN(gid) ? {} : { gid }) };
}
