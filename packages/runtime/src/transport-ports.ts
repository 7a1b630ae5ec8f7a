/** What attempts need from the engine beside the message. */
import type { NewLocalMessage, Template } from "@mailkit/sdk";
import { parseRewriteRules } from "@mailkit/config";
import { makeRewriter } from "@mailkit/rewrite";
import type { Rewriter } from "@mailkit/rewrite";
import { chain, isPromise } from "@mailkit/sdk";
import type { HelperPool, TransportPorts } from "@mailkit/transports";
import type { Engine } from "./engine.ts";
import { rewriteHost } from "./rewrite-host.ts";

export function transportPorts(
  engine: Engine,
  helpers: HelperPool | undefined,
  submit: (message: NewLocalMessage, about: string) => Promise<string>,
): Omit<TransportPorts, "admit"> {
  const { config, machine } = engine;
  return {
    hosts: engine.hosts,
    setting: engine.setting,
    authenticators: engine.clientAuth,
    submit,
    instance: (name) => config.transports.get(name),
    rewriteHeaders: (rules, headers, scope) =>
      chain(rewriterOf(rules, engine).headers(headers, scope), (lines) => lines.filter((line) => line.type !== "*")),
    ...(helpers === undefined ? {} : { helpers }),
    defaultIdentity: { uid: machine.eximUid, gid: machine.eximGid },
    neverUsers: neverUsers(engine),
    running: new Map(),
  };
}

const known = new WeakMap<Template, Rewriter>();

/** `headers_rewrite` is parsed once for each transport that has it. */
function rewriterOf(written: Template, engine: Engine): Rewriter {
  const found = known.get(written);
  if (found !== undefined) return found;
  const { rules } = parseRewriteRules(written.source, engine.compilers);
  const made = makeRewriter({ rules, host: rewriteHost(engine.services, engine.compilers, engine.setting) });
  known.set(written, made);
  return made;
}

/** `never_users`; root when it is not set, as Exim is built everywhere. */
function neverUsers(engine: Engine): readonly number[] {
  const { main } = engine.config;
  const names = main.isSet("never_users") ? main.items("never_users") : ["root"];
  return names.flatMap((name) => {
    if (/^\d+$/.test(name)) return [Number(name)];
    const account = engine.services.accounts.byName(name);
    return account !== undefined && !isPromise(account) ? [account.uid] : [];
  });
}
