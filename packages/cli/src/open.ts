/** Opening the engine for a command: which configuration, its faults told, its trace where it goes. */
import { isFatal, renderDiagnostics } from "@mailkit/config";
import type { Diagnostic, Tracer } from "@mailkit/sdk";
import { fromUnicode } from "@mailkit/sdk";
import { locateConfig, openEngine, prepareEmbedded } from "@mailkit/runtime";
import type { ConfigText, Engine } from "@mailkit/runtime";
import type { CommandContext, Flags } from "./command.ts";
import { CommandFailure, UsageError } from "./command.ts";
import { allowedIn } from "./plugins/allowed.ts";

export interface OpenOptions {
  readonly trace?: Tracer;
  /** Warnings are printed too. */
  readonly warnings?: boolean;
  /** Faults do not stop the command (`check` prints them itself). */
  readonly tolerant?: boolean;
}

export async function openForCommand(context: CommandContext, flags: Flags, options: OpenOptions = {}): Promise<Engine> {
  const source = configSource(context, flags);
  const engine = await openEngine({
    source,
    env: context.env,
    cwd: context.cwd,
    defines: definesOf(flags.texts("define"), source),
    plugins: pluginFolder(context, flags, source),
    ...(options.trace === undefined ? {} : { trace: options.trace }),
  });
  if (options.tolerant === true) return engine;
  // What Exim too finds only while it runs (a tainted file name) is told, and does not keep a server from starting.
  const errors = engine.diagnostics.filter((d) => isFatal(d, "exim"));
  const shown = options.warnings === true ? engine.diagnostics : errors;
  if (shown.length > 0) context.stderr.write(render(shown, engine, context));
  if (errors.length === 0) return engine;
  await engine.close();
  throw new CommandFailure(`the configuration ${engine.config.file} has faults`, { hint: "mailkit check" });
}

export function render(diagnostics: readonly Diagnostic[], engine: Engine, context: CommandContext): string {
  return renderDiagnostics(diagnostics, engine.config.sources, { color: context.color });
}

export function configSource(context: CommandContext, flags: Flags): ConfigText {
  const found = locateConfig(flags.text("config"), context.env, context.cwd, { system: false, sandbox: flags.flag("sandbox") });
  return found.kind === "file" ? found : prepareEmbedded(found.state, context.env);
}

function definesOf(texts: readonly string[], source: ConfigText): (readonly [string, string])[] {
  void source;
  return texts.map((text): readonly [string, string] => {
    const match = /^([A-Z]\w*)(?:=(.*))?$/s.exec(text);
    if (match === null) throw new UsageError(`"${text}" does not define a macro`, "write -D NAME=VALUE, NAME begins with a capital letter");
    return [match[1] as string, fromUnicode(match[2] ?? "")];
  });
}

export function pluginFolder(context: CommandContext, flags: Flags, source: ConfigText): { folder: string; allowed: ReadonlySet<string> } {
  const folder = context.env.MAILKIT_PLUGINS ?? (source.kind === "embedded" ? `${source.paths.state}/plugins` : "/var/lib/mailkit/plugins");
  return {
    folder,
    allowed: new Set([
      ...allowedIn(folder),
      ...flags.texts("allow-plugin"),
      ...(context.env.MAILKIT_ALLOW_PLUGIN ?? "").split(",").filter(Boolean),
    ]),
  };
}
