/** ETRN: a queue run for one destination, or the program of `smtp_etrn_command` (manual §"The ETRN command"). */
import { chain, mapInOrder, newAddressFacts, splitCommand } from "@mailkit/sdk";
import type { Maybe, MessageFacts, Scope, SessionFacts } from "@mailkit/sdk";
import type { EtrnResult } from "@mailkit/smtpd";
import type { Engine } from "./engine.ts";
import type { QueueRunWish } from "./queue-runs.ts";

/** Undefined: this process has no queue to run (`-bh`). */
export type StartQueueRun = ((wish: QueueRunWish) => Promise<unknown>) | undefined;

export function makeEtrn(
  engine: Engine,
  runQueue: StartQueueRun,
): (argument: string, session: SessionFacts, message: MessageFacts) => Maybe<EtrnResult> {
  const running = new Set<string>();
  const start = (key: string, work: () => Promise<unknown>, hostChecking: boolean): EtrnResult => {
    const serialize = engine.config.main.flag("smtp_etrn_serialize");
    if (serialize && running.has(key)) return { kind: "running", key };
    if (hostChecking) return { kind: "started" };
    running.add(key);
    void work().finally(() => running.delete(key));
    return { kind: "started" };
  };
  return (argument, session, message) => {
    if (!engine.config.main.isSet("smtp_etrn_command")) {
      const text = argument.slice(1);
      const wish: QueueRunWish = { force: false, thaw: false, recipient: { text, regex: false } };
      const inQueue = message.queueName === "" ? wish : { ...wish, queueName: message.queueName };
      return start(text, async () => runQueue?.(inQueue), session.hostChecking);
    }
    const facts = newAddressFacts("", argument);
    const scope = engine.scopes.forAddress(facts, engine.scopes.forSession(session, message));
    return chain(commandWords(engine, scope), (words) =>
      typeof words === "string"
        ? { kind: "failed", message: "Internal failure", log: `failed to set up ETRN command: ${words}` }
        : start(words.join(" "), () => runCommand(engine, words), session.hostChecking),
    );
  };
}

/** Words are cut before they are expanded; what came from the client is no argument of a program. A string is the fault. */
function commandWords({ config, services }: Engine, scope: Scope): Maybe<readonly string[] | string> {
  const cut = splitCommand(config.main.template("smtp_etrn_command")?.source ?? "");
  if ("fault" in cut) return cut.fault;
  const expanded = mapInOrder(cut.words, (word) => services.strings.expand(word, scope));
  return chain(expanded, (results) => {
    const words: string[] = [];
    for (const [i, result] of results.entries()) {
      if (result.kind !== "value") return `Expansion of "${cut.words[i]}" from ETRN processing command failed: ${result.message}`;
      if (result.tainted && result.text !== "") return `Tainted arg ${i} for ETRN processing command: '${result.text}'`;
      words.push(result.text);
    }
    return words;
  });
}

const DAY = 86_400_000;

async function runCommand({ services }: Engine, argv: readonly string[]): Promise<void> {
  await services.processes.run({ argv, timeout: DAY, maxOutput: 0 });
}
