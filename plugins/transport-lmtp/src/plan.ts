/** Options to an order: a socket or a command in words. */
import {
  splitCommand,
  type OptionValues,
  type RecipientFact,
  type Template,
  type TransportJob,
  type TransportServices,
} from "@mailkit/sdk";
import type { options } from "./options.ts";

export type Options = OptionValues<typeof options>;

export interface Order {
  readonly transport: string;
  readonly target: { readonly kind: "socket"; readonly path: string } | { readonly kind: "command"; readonly argv: readonly string[] };
  readonly heloName: string;
  readonly timeout: number;
  readonly ignoreQuota: boolean;
  readonly size: number;
}

export type Step<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fact: RecipientFact };

export interface Plan {
  readonly job: TransportJob;
  readonly options: Options;
  readonly host: Pick<TransportServices, "expand" | "scope" | "setting">;
}

export async function planDelivery(plan: Plan): Promise<Step<Order>> {
  const { options, job, host } = plan;
  const target = options.socket === undefined ? await planCommand(plan) : await planSocket(plan, options.socket);
  if (!target.ok) return target;
  return {
    ok: true,
    value: {
      transport: job.transport,
      target: target.value,
      heloName: host.setting("primary_hostname") ?? "localhost",
      timeout: options.timeout,
      ignoreQuota: options.ignore_quota,
      size: job.message.headers.length + 1 + job.message.body.size,
    },
  };
}

async function planSocket(plan: Plan, template: Template): Promise<Step<Order["target"]>> {
  const { job } = plan;
  const result = await plan.host.expand(template);
  if (result.kind !== "value")
    return defer(`Expansion of "${template.source}" (socket setting for ${job.transport} transport) failed: ${result.message}`, -27);
  if (result.tainted) return defer(`Tainted '${result.text}' (socket for ${job.transport} transport) not permitted`, -1);
  return { ok: true, value: { kind: "socket", path: result.text } };
}

const cuts = new WeakMap<Template, readonly Template[] | string>();

async function planCommand({ options, job, host }: Plan): Promise<Step<Order["target"]>> {
  const { command } = options;
  if (command === undefined) return defer(`no command specified for ${job.transport} transport`, 0);
  let words = cuts.get(command);
  if (words === undefined) {
    const cut = splitCommand(command.source);
    words = "fault" in cut ? cut.fault : cut.words.map((word) => host.scope.services.strings.compile(word));
    cuts.set(command, words);
  }
  if (typeof words === "string") return defer(`${words} in ${job.transport} transport command: ${command.source}`, -1);
  const argv: string[] = [];
  for (const word of words) {
    const result = await host.expand(word);
    if (result.kind !== "value")
      return defer(
        `Expansion of "${word.source}" from command "${command.source}" in ${job.transport} transport failed: ${result.message}`,
        -27,
      );
    if (result.tainted)
      return {
        ok: false,
        fact: { kind: "failed", message: `Tainted arg ${argv.length} for ${job.transport} transport command: '${result.text}'` },
      };
    argv.push(result.text);
  }
  return argv.length === 0
    ? defer(`no command specified for ${job.transport} transport`, 0)
    : { ok: true, value: { kind: "command", argv } };
}

export function defer(message: string, errno: number): { readonly ok: false; readonly fact: RecipientFact } {
  return { ok: false, fact: { kind: "deferred", message, errno, scope: "recipient" } };
}
