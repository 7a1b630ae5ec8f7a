/** Bundles the CLI into packages/cli/dist: the program starts from a handful of files and strips no types at run time. */
import { build, type BuildOptions, type Plugin } from "esbuild";
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const outdir = join(root, "packages/cli/dist");
const stamp = join(outdir, ".built");

const shared: BuildOptions = {
  outdir,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  format: "esm",
  external: ["ioredis", "ldapts", "mysql2", "mysql2/promise", "pg"],
  platform: "node",
  target: "node24",
  jsx: "automatic",
  // Half the text to read at each start; names stay, for stack traces.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: "none",
  define: { "process.env.NODE_ENV": '"production"' },
  alias: { "react-devtools-core": join(root, "scripts/empty-module.mjs") },
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  logLevel: "warning",
};

/** `main.ts` starts the small bundle, which is in one file. */
const quick: Plugin = {
  name: "quick",
  setup: ({ onResolve }) => onResolve({ filter: /\/quick-main\.ts$/ }, () => ({ path: "./quick.mjs", external: true })),
};

if (!process.argv.includes("--if-stale") || isStale()) await bundle();

async function bundle(): Promise<void> {
  rmSync(outdir, { recursive: true, force: true });
  await build({ ...shared, entryPoints: { quick: join(root, "packages/cli/src/quick-main.ts") } });
  await build({
    ...shared,
    entryPoints: {
      mailkit: join(root, "packages/cli/src/main.ts"),
      commands: join(root, "packages/cli/src/commands/index.ts"),
      sdk: join(root, "packages/sdk/src/index.ts"),
    },
    splitting: true,
    plugins: [quick],
  });
  writeFileSync(stamp, "");
}

function isStale(): boolean {
  if (!existsSync(stamp)) return true;
  const built = statSync(stamp).mtimeMs;
  return ["packages", "plugins"].some((folder) =>
    readdirSync(join(root, folder)).some((name) => newerThan(join(root, folder, name, "src"), built)),
  );
}

function newerThan(path: string, time: number): boolean {
  const facts = statSync(path, { throwIfNoEntry: false });
  if (facts === undefined) return false;
  if (facts.mtimeMs > time) return true;
  return facts.isDirectory() && readdirSync(path).some((entry) => newerThan(join(path, entry), time));
}
