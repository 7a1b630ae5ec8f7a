import test from "ava";
import { withNuls } from "./drivers/plaintext.ts";
import { client, instance, scopeWith, server, talk } from "./testing/world.ts";

const sent = (step: unknown) => (step as { octets?: Buffer }).octets?.toString("latin1");

test("client_send: circumflexes", (t) => {
  for (const [written, meant] of [
    ["^u^p", "\0u\0p"],
    ["a^^b", "a^b"],
    ["^^^", "^\0"],
    ["", ""],
  ] as const)
    t.is(withNuls(written), meant);
});

test("PLAIN goes with AUTH; LOGIN answers prompts, which are in $auth1...", async (t) => {
  const [plain] = await client(instance("p", "plaintext", { public_name: "PLAIN", client_send: ["^fred^$pass"] })).candidates(
    ["LOGIN", "plain"],
    scopeWith({ pass: "s" }),
  );
  const first = await plain?.start();
  t.is(sent(first), "\0fred\0s");
  t.like(await plain?.next(Buffer.from("more?"), (first as { state: unknown }).state), { kind: "cancel" });
  const [login] = await client(instance("l", "plaintext", { public_name: "LOGIN", client_send: ["", "u$auth1", "p$auth2"] })).candidates(
    ["LOGIN"],
    scopeWith(),
  );
  const none = await login?.start();
  t.like(none, { kind: "send", octets: undefined });
  const user = await login?.next(Buffer.from("User"), (none as { state: unknown }).state);
  t.is(sent(user), "uUser");
  t.is(sent(await login?.next(Buffer.from("Pass"), (user as { state: unknown }).state)), "pPass");
});

test("order of the configuration; client_condition; forced failure skips, others give up", async (t) => {
  const all = client(
    instance("a", "plaintext", { public_name: "PLAIN", client_send: ["FAIL"] }),
    instance("b", "cram_md5", { public_name: "CRAM-MD5", client_secret: "x", client_condition: "$no" }),
    instance("c", "plaintext", { public_name: "PLAIN", client_send: ["ERR"], client_condition: "1", client_set_id: "me" }),
    instance("d", "plaintext", { public_name: "PLAIN", server_condition: "1" }),
    instance("e", "external", { public_name: "EXTERNAL", client_send: "id" }),
  );
  const found = await all.candidates(["CRAM-MD5", "PLAIN", "EXTERNAL"], scopeWith());
  t.deepEqual(
    found.map((one) => one.name),
    ["a", "c", "e"],
  );
  t.like(await found[0]?.start(), { kind: "skip" });
  t.like(await found[1]?.start(), { kind: "cancel", message: 'expansion of "client_send" failed: it is broken' });
  t.is(await found[1]?.id?.(), "me");
  t.is(sent(await found[2]?.start()), "id");
});

test("CRAM-MD5 against our server", async (t) => {
  const made = server(instance("s", "cram_md5", { public_name: "CRAM-MD5", server_secret: "pw-$auth1" }));
  const good = client(instance("c", "cram_md5", { public_name: "CRAM-MD5", client_name: "ph10", client_secret: "pw-ph10" }));
  const bad = client(instance("c", "cram_md5", { public_name: "CRAM-MD5", client_name: "ph10", client_secret: "no" }));
  t.is((await talk(made, good, "CRAM-MD5")).server?.kind, "success");
  t.is((await talk(made, bad, "CRAM-MD5")).server?.kind, "fail");
});

for (const mechanism of ["SCRAM-SHA-1", "SCRAM-SHA-256"]) {
  const options = { public_name: mechanism, server_password: "pencil", server_set_id: "$auth1", server_scram_iter: "4096" };
  test(`${mechanism} against our server, right and wrong`, async (t) => {
    const made = server(instance("s", "gsasl", options));
    const with_ = (password: string) =>
      client(instance("c", "gsasl", { public_name: mechanism, client_username: "us,er=x", client_password: password }));
    t.like((await talk(made, with_("pencil"), mechanism)).server, { kind: "success", id: "us,er=x" });
    t.like((await talk(made, with_("wrong"), mechanism)).server, { kind: "fail", id: "us,er=x" });
  });
}
