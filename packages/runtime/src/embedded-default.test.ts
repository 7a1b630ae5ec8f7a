import { lint } from "@mailkit/config";
import test from "ava";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine } from "./engine.ts";
import { makeSandbox, prepareEmbedded } from "./prepare-embedded.ts";

const auth = (name: string, password: string): Buffer => Buffer.from(`\0${name}\0${password}`);

test("the embedded default loads without a fault, and its users can log in", async (t) => {
  const state = mkdtempSync(join(tmpdir(), "mailkit-sandbox-"));
  const engine = await openEngine({ source: prepareEmbedded(state, {}), env: {}, cwd: state });
  t.teardown(async () => {
    await engine.close();
    rmSync(state, { recursive: true });
  });
  t.deepEqual(engine.diagnostics, []);
  t.deepEqual(lint(engine.config), []);
  const [alice] = await makeSandbox(state);
  if (alice === undefined || engine.serverAuth === undefined) return t.fail();
  t.true(readFileSync(join(state, "users"), "utf8").startsWith(`${alice.name}:`));
  const scope = engine.scopes.bare();
  t.like(await engine.serverAuth.start("PLAIN", auth(alice.name, alice.password), scope), { kind: "success", id: alice.name });
  t.like(await engine.serverAuth.start("PLAIN", auth(alice.name, "wrong"), scope), { kind: "fail" });
  t.like(await engine.serverAuth.start("PLAIN", auth("nobody", alice.password), scope), { kind: "fail" });
});
