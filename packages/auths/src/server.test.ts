import test from "ava";
import { instance, login, scopeWith, server } from "./testing/world.ts";

const plain = (condition: string, more: Record<string, string> = {}) =>
  instance("fixed_plain", "plaintext", {
    public_name: "PLAIN",
    server_prompts: ":",
    server_condition: condition,
    server_set_id: "$auth2",
    ...more,
  });
const LOGIN = instance("fixed_login", "plaintext", {
  public_name: "LOGIN",
  server_prompts: "User Name : Password",
  server_condition: "$auth1/$auth2==fred/secret",
  server_set_id: "$1",
});

const outcomes: [string, string, object][] = [
  ["yes", "1", { kind: "success", id: "fred", authenticator: "fixed_plain" }],
  ["true", "TRUE", { kind: "success" }],
  ["empty", "", { kind: "fail", id: "fred" }],
  ["no", "no", { kind: "fail" }],
  ["0", "0", { kind: "fail" }],
  ["odd text is a temporary error", "try later", { kind: "defer", message: "try later" }],
  ["forced failure refuses", "FAIL", { kind: "fail" }],
  ["other failures are temporary", "ERR", { kind: "defer", message: "it is broken" }],
];
for (const [title, condition, expected] of outcomes) {
  test(`server_condition: ${title}`, async (t) =>
    t.like((await login(server(plain(condition)), "PLAIN", ["\0fred\0secret"])).last, expected));
}

test("PLAIN with and without initial response, in any case", async (t) => {
  const made = server(plain("$auth1/$auth2/$auth3==/fred/secret"));
  t.like((await login(made, "plain", ["\0fred\0secret"])).last, { kind: "success", id: "fred" });
  const { last, challenges } = await login(made, "PLAIN", [undefined, "\0fred\0secret"]);
  t.deepEqual(challenges, [""]);
  t.is(last.kind, "success");
  t.is((await login(made, "PLAIN", ["\0fred\0wrong"])).last.kind, "fail");
});

test("LOGIN asks for what is missing", async (t) => {
  const { last, challenges } = await login(server(LOGIN), "LOGIN", [undefined, "fred", "secret"]);
  t.deepEqual(challenges, ["User Name", "Password"]);
  t.like(last, { kind: "success", id: "fred" });
  t.deepEqual((await login(server(LOGIN), "LOGIN", ["fred", "secret"])).challenges, ["Password"]);
});

test("advertised in order, by condition; what is not advertised is unknown", async (t) => {
  const made = server(LOGIN, plain("1", { server_advertise_condition: "$tls_in_cipher" }));
  t.deepEqual(await made?.advertised(scopeWith()), ["LOGIN"]);
  t.deepEqual(await made?.advertised(scopeWith({ tls_in_cipher: "x" })), ["LOGIN", "PLAIN"]);
  t.is((await login(made, "PLAIN", ["\0a\0b"])).last.kind, "unknown");
  t.is((await login(made, "PLAIN", ["\0a\0b"], { tls_in_cipher: "x" })).last.kind, "success");
  t.is((await login(made, "NTLM", [undefined])).last.kind, "unknown");
  t.is((await made?.start("PLAIN", Buffer.from("\0a\0b"), scopeWith(), { unadvertised: true }))?.kind, "success");
  t.deepEqual(await server(plain("1", { server_advertise_condition: "ERR" }), LOGIN)?.advertised(scopeWith()), ["LOGIN"]);
});

test("without server settings there is no server", (t) => {
  t.is(server(instance("c", "plaintext", { client_send: ["^a^b"] }), instance("d", "cram_md5", { client_secret: "x" })), undefined);
  t.is(server(instance("c", "plaintext", { server_prompts: ":" })), undefined, "plaintext needs server_condition");
});

test("CRAM-MD5: RFC 2195's digest, name in $auth1, failures", async (t) => {
  const made = server(
    instance("cram", "cram_md5", { public_name: "CRAM-MD5", server_secret: "secret of $auth1", server_set_id: "$auth1" }),
  );
  const { createHmac } = await import("node:crypto");
  const start = await made?.start("CRAM-MD5", undefined, scopeWith());
  if (start?.kind !== "challenge") return t.fail();
  t.regex(start.octets.toString(), /^<\d+\.1700000000@mx\.test>$/);
  const answer = (secret: string) => Buffer.from(`fred x ${createHmac("md5", secret).update(start.octets).digest("hex")}`);
  t.like(await made?.next(answer("secret of fred x"), start.dialogue, scopeWith()), { kind: "success", id: "fred x" });
  t.like(await made?.next(answer("other"), start.dialogue, scopeWith()), { kind: "fail", id: "fred x" });
  t.like(await made?.next(Buffer.from("nothing"), start.dialogue, scopeWith()), { kind: "fail" });
  t.like((await login(made, "CRAM-MD5", ["initial"])).last, { kind: "malformed" });
  const forced = server(instance("cram", "cram_md5", { public_name: "CRAM-MD5", server_secret: "FAIL" }));
  t.is((await login(forced, "CRAM-MD5", [undefined, "fred 0"])).last.kind, "fail");
});

test("EXTERNAL and its parameters", async (t) => {
  const made = server(
    instance("ext", "external", {
      public_name: "EXTERNAL",
      server_param2: "p$auth1",
      server_param3: "q$auth2",
      server_condition: "$auth1$auth2$auth3==ididqpid".replace("ididqpid", "idpidqpid"),
    }),
  );
  t.is((await login(made, "EXTERNAL", ["id"])).last.kind, "success");
  t.is((await login(made, "EXTERNAL", [undefined, "id"])).last.kind, "success");
  t.is(
    (await login(server(instance("ext", "external", { server_param2: "FAIL", server_condition: "1" })), "ext", ["id"])).last.kind,
    "fail",
  );
});

test("tls: no command, nothing advertised", async (t) => {
  const made = server(
    instance("cert", "tls", { server_param1: "$tls_in_peerdn", server_condition: "$auth1==cn=fred", server_set_id: "$auth1" }),
  );
  t.deepEqual(await made?.advertised(scopeWith()), []);
  t.like(await made?.afterTls?.(scopeWith({ tls_in_peerdn: "cn=fred" })), { kind: "success", id: "cn=fred", authenticator: "cert" });
  t.like(await made?.afterTls?.(scopeWith({ tls_in_peerdn: "cn=other" })), { kind: "fail" });
  t.is(await server(LOGIN)?.afterTls?.(scopeWith()), undefined);
});

test("server_mail_auth_condition", async (t) => {
  const made = server(plain("1", { server_mail_auth_condition: "$x" }), LOGIN);
  t.is(await made?.allowsMailAuth?.("fixed_login", scopeWith()), true);
  t.is(await made?.allowsMailAuth?.("fixed_plain", scopeWith()), false);
  t.is(await made?.allowsMailAuth?.("fixed_plain", scopeWith({ x: "anything" })), true);
});
