/** Which mailbox a user's mail is filed in: routed like mail, then the transport says where it writes. */
import { newMessageFacts, newSessionFacts } from "@mailkit/sdk";
import type { Identity, IdentityOption, LocalTransport } from "@mailkit/sdk";
import { walkTree } from "@mailkit/routers";
import type { RouteAccepted, RouteNode } from "@mailkit/routers";
import type { MailboxLocation } from "@mailkit/pop3d";
import type { Engine } from "./engine.ts";

export interface LocatedMailbox {
  readonly location: MailboxLocation;
  /** Under whom its deliveries run; undefined = the process itself. */
  readonly identity: Identity | undefined;
}

export interface NoMailbox {
  /** For the user. */
  readonly text: string;
  /** For the log: what the routers said. */
  readonly reason: string;
}

export async function locateMailbox(engine: Engine, user: string): Promise<LocatedMailbox | NoMailbox> {
  const address = user.includes("@") ? user : `${user}@${engine.config.main.text("qualify_recipient")}`;
  const scope = engine.scopes.forSession(newSessionFacts({ hostLookup: "ok" }), newMessageFacts({ sender: "" }));
  const nodes = await engine.routers.routeAll([{ address, purpose: "deliver", sender: "", scope }]);
  for (const node of walkTree(nodes)) {
    if (node.result?.kind !== "accepted" || node.result.generated !== undefined || node.result.where !== "local") continue;
    const found = await locationOf(engine, node.result);
    if (found !== undefined) return { location: found, identity: await identityOf(engine, node.result) };
  }
  return noMailbox(nodes);
}

function noMailbox(nodes: readonly RouteNode[]): NoMailbox {
  for (const { result } of walkTree(nodes)) {
    if (result?.kind === "deferred") return { text: "the mailbox cannot be found now", reason: result.message };
  }
  const [first] = nodes;
  const reason = first?.result?.kind === "failed" ? first.result.message : "no router leads to a transport that keeps mailboxes";
  return { text: "this user has no mailbox here", reason };
}

/** `user` and `group` of the transport, else those of the router. */
async function identityOf(engine: Engine, accepted: RouteAccepted): Promise<Identity | undefined> {
  const { accounts } = engine.services;
  const generic = engine.config.transports.get(accepted.transport ?? "")?.generic;
  const user = generic?.["user"] as IdentityOption | undefined;
  const account =
    user?.kind === "name" ? await accounts.byName(user.name) : user?.kind === "number" ? await accounts.byUid(user.id) : undefined;
  const group = generic?.["group"] as IdentityOption | undefined;
  const gid = group?.kind === "number" ? group.id : group?.kind === "name" ? (await accounts.groupByName(group.name))?.gid : undefined;
  const uid = account?.uid ?? accepted.identity.uid;
  const primary = gid ?? account?.gid ?? accepted.identity.gid;
  return uid === undefined || primary === undefined ? undefined : { uid, gid: primary };
}

async function locationOf(engine: Engine, accepted: RouteAccepted): Promise<MailboxLocation | undefined> {
  const instance = engine.config.transports.get(accepted.transport ?? "");
  const driver = instance?.driver as LocalTransport | undefined;
  if (instance === undefined || driver?.mailbox === undefined) return undefined;
  const scope = engine.scopes.forAddress(accepted.facts, engine.scopes.bare());
  return driver.mailbox({ expand: (template) => template.evaluate(scope), home: accepted.home?.text, scope }, instance.options as never);
}
