import test from "ava";
import { loadPluginAt, pluginAt } from "@mailkit/runtime";
import type { FoundPlugin } from "@mailkit/runtime";
import type { PluginModule } from "@mailkit/sdk";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { allowedIn, setAllowed } from "./allowed.ts";
import { checkDriver } from "./compliance.ts";
import type { ComplianceModule } from "./compliance.ts";
import { permissionText } from "./permissions.ts";
import { skeleton, SKELETON_KINDS } from "./skeletons.ts";

const folder = mkdtempSync(join(tmpdir(), "mailkit-plugins-"));
test.after.always(() => rmSync(folder, { recursive: true }));

for (const kind of SKELETON_KINDS) {
  test.serial(`the skeleton of a ${kind} passes the checks of its kind`, async (t) => {
    const place = mkdtempSync(join(folder, kind));
    for (const [name, text] of skeleton(kind, "mine").files) writeFileSync(join(place, name), text);
    const found = pluginAt(place);
    if (typeof found === "string") return t.fail(found);
    const module = await loadPluginAt(found);
    if (typeof module === "string") return t.fail(module);
    const results = await checkDriver(found, module, (await import(pathToFileURL(join(place, "compliance.js")).href)) as ComplianceModule);
    t.true(results.length > 3);
    t.deepEqual(
      results.filter(({ fault }) => fault !== undefined),
      [],
    );
  });
}

test("a driver that does not hold to the contract is told so", async (t) => {
  const found = { manifest: { api: 1, kind: "lookup", name: "bad", permissions: {} } } as unknown as FoundPlugin;
  const driver = { name: "bad", style: "single-key", find: () => ({ kind: "maybe" }) };
  const results = await checkDriver(found, { driver } as unknown as PluginModule, {
    fixtures: [{ title: "x", key: "x", expect: "found" }],
  });
  t.is(results.filter(({ fault }) => fault !== undefined).length, 2);
});

test("which ones may run", (t) => {
  const place = join(folder, "plugins");
  t.deepEqual(allowedIn(place), []);
  setAllowed(place, "b", true);
  setAllowed(place, "a", true);
  t.deepEqual(allowedIn(place), ["a", "b"]);
  setAllowed(place, "b", false);
  t.deepEqual(allowedIn(place), ["a"]);
});

test("permissions in words", (t) => {
  t.is(permissionText({}), "asks for nothing");
  t.is(permissionText({ net: ["db.example:5432"], write: ["/var/x", "/var/y"] }), "connects to db.example:5432; writes /var/x, /var/y");
});
