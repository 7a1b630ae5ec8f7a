/** Which mailbox a user's mail is filed in: routed like mail, then the transport says where it writes. */
import { newMessageFacts, newSessionFacts } from "@mailkit/sdk";
import type { LocalTransport } from "@mailkit/sdk";
import { walkTree } from "@mailkit/routers";
import type { RouteAccepted } from "@mailkit/routers";
import type { MailboxLocation } from "@mailkit/pop3d";
import type { Engine } from "./engine.ts";

/** A text says why there is none. */
export async function locateMailbox(engine: Engine, user: string): Promise<MailboxLocation | string> {
  const address = user.includes("@") ? user : `${user}@${engine.config.main.text("qualify_recipient")}`;
  const scope = engine.scopes.forSession(newSessionFacts({ hostLookup: "ok" }), newMessageFacts({ sender: "" }));
  const nodes = await engine.routers.routeAll([{ address, purpose: "deliver", sender: "", scope }]);
  for (const node of walkTree(nodes)) {
    if (node.result?.kind !== "accepted" || node.result.generated !== undefined || node.result.where !== "local") continue;
    const found = await locationOf(engine, node.result);
    if (found !== undefined) return found;
  }
  return "this user has no mailbox here";
}

async function locationOf(engine: Engine, accepted: RouteAccepted): Promise<MailboxLocation | undefined> {
  const instance = engine.config.transports.get(accepted.transport ?? "");
  const driver = instance?.driver as LocalTransport | undefined;
  if (instance === undefined || driver?.mailbox === undefined) return undefined;
  const scope = engine.scopes.forAddress(accepted.facts, engine.scopes.bare());
  return driver.mailbox({ expand: (template) => template.evaluate(scope), home: accepted.home?.text, scope }, instance.options as never);
}
