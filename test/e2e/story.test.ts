/**
 * The story of the README, on the built program: fred@truc.fr writes to people at machin.com. Two servers, a name server,
 * the tools that people have (curl, swaks, fetchmail).
 */
import test from "ava";
import { join } from "node:path";
import { mailIn, messagesIn } from "../support/mailbox.ts";
import { startWorld } from "../support/world.ts";
import { swaks } from "../support/tools.ts";
import { needs } from "../support/programs.ts";

needs(test, "swaks")("a message travels from truc.fr to machin.com", async (t) => {
  const world = await startWorld(t);
  const sent = await swaks(world.truc, { from: "fred@truc.fr", to: "marie@machin.com", body: "Salut Marie" });
  t.is(sent.code, 0, sent.stdout);
  const [message = ""] = await mailIn(world.machin, "mail/marie");
  t.regex(message, /^Return-path: <fred@truc.fr>\nEnvelope-to: marie@machin.com\nDelivery-date: /);
  t.is(message.match(/^Received: /gm)?.length, 2);
  t.true(message.endsWith("\n\nSalut Marie\n\n") || message.endsWith("\n\nSalut Marie\n"));
  await world.truc.logged(/Completed/);
  t.deepEqual(world.dns.asked.slice(0, 2), ["machin.com MX", "mx.machin.com A"]);
  t.is(messagesIn(join(world.truc.folder, "mail/fred")).length, 0);
});
