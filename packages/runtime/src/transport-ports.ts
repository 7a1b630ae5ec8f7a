/** What attempts need from the engine beside the message. */
import type { NewLocalMessage, Template } from "@mailkit/sdk";
import { parseRewriteRules } from "@mailkit/config";
import type { RewriteRule } from "@mailkit/config";
import type { HelperPool, TransportPorts } from "@mailkit/transports";
import type { Engine } from "./engine.ts";

export function transportPorts(
  engine: Engine,
  helpers: HelperPool | undefined,
  submit: (message: NewLocalMessage) => Promise<string>,
): Omit<TransportPorts, "admit"> {
  const { config, machine } = engine;
  return {
    hosts: engine.hosts,
    setting: engine.setting,
    authenticators: engine.clientAuth,
    submit,
    instance: (name) => config.transports.get(name),
    rewriteHeaders: (rules, headers, scope) => engine.rewriter.headersBy(rulesOf(rules, engine), headers, scope),
    ...(helpers === undefined ? {} : { helpers }),
    defaultIdentity: { uid: machine.eximUid, gid: machine.eximGid },
    neverUsers: neverUsers(engine),
    running: new Map(),
  };
}

const parsed = new WeakMap<Template, readonly RewriteRule[]>();

/** `headers_rewrite` is parsed once for each transport that has it. */
function rulesOf(written: Template, engine: Engine): readonly RewriteRule[] {
  const known = parsed.get(written) ?? parseRewriteRules(written.source, engine.compilers).rules;
  parsed.set(written, known);
  return known;
}

/** `never_users`; root when it is not set, as Exim is built everywhere. */
function neverUsers(engine: Engine): readonly number[] {
  const { main } = engine.config;
  const names = main.isSet("never_users") ? main.items("never_users") : ["root"];
  return names.flatMap((name) => {
    if (/^\d+$/.test(name)) return [Number(name)];
    const account = engine.services.accounts.byName(name);
    return account !== undefined && !(account instanceof Promise) ? [account.uid] : [];
  });
}
